public import JSON

/// A part of a list (Kubernetes API concepts, "Retrieving large results sets in chunks").
public struct APIPage: Hashable, Sendable {
    /// The objects.
    public let items: [JSONValue]
    /// Whether the list begins with it: what came of the same list before is to be forgotten.
    public let isFirst: Bool
}
