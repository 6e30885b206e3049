/// An interface of a container: what ADD makes and DEL takes away.
public struct CNIAttachment: Hashable, Sendable {
    /// The container, by the runtime's ID.
    public var containerID: String

    /// The interface inside the container.
    public var interfaceName: String

    /// Makes the attachment of an interface.
    public init(containerID: String, interfaceName: String) {
        self.containerID = containerID
        self.interfaceName = interfaceName
    }
}
