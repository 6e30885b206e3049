public import JSON

/// What a watch tells of one object (Kubernetes API concepts, "Efficient detection of changes").
public struct APIEvent: Hashable, Sendable {
    /// The kinds of event, as the API names them.
    public enum Kind: String, Hashable, Sendable {
        /// The object is new, or has come to match the selectors.
        case added = "ADDED"
        /// The object has changed.
        case modified = "MODIFIED"
        /// The object is gone, or no longer matches the selectors; it is shown as it was last.
        case deleted = "DELETED"
        /// Everything up to the version has been told; of the object only the version counts.
        case bookmark = "BOOKMARK"
    }

    /// What has happened.
    public let kind: Kind
    /// The object.
    public let object: JSONValue
    /// The version behind the event, from which a watch goes on.
    public let resourceVersion: String

    /// Reads the object of an event; nil without a version.
    init?(_ kind: Kind, _ object: JSONValue) {
        guard case .string(let version)? = object.member("metadata")?.member("resourceVersion"), !version.isEmpty else {
            return nil
        }
        self.kind = kind
        self.object = object
        resourceVersion = version
    }
}
