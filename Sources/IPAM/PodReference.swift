/// A pod's name, which outlives the pod's containers and, with a StatefulSet, the pod.
public struct PodReference: Hashable, Sendable, CustomStringConvertible {
    /// The pod's namespace.
    public let namespace: String
    /// The pod's name within the namespace.
    public let name: String

    /// Makes a reference; neither part may be empty.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// Namespace and name with a slash between, the form of upstream's `podref`.
    public var description: String {
        "\(namespace)/\(name)"
    }
}
