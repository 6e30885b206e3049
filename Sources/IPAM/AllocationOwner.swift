/// Whose an allocation is.
///
/// The CNI spec names a container and its interface. A pod's name is what survives a new container, so an ADD that names a
/// pod finds the addresses of the pod's earlier container by it.
public struct AllocationOwner: Hashable, Sendable {
    /// The runtime's identifier of the container.
    public let containerID: String
    /// The interface's name inside the container.
    public let interfaceName: String
    /// The pod, where the runtime named one.
    public let pod: PodReference?
    /// The node that the container runs on.
    public let node: String
    /// The name of the CNI network configuration.
    public let network: String

    /// Makes an owner.
    public init(attachment: Attachment, pod: PodReference?, node: String, network: String) {
        containerID = attachment.containerID
        interfaceName = attachment.interfaceName
        self.pod = pod
        self.node = node
        self.network = network
    }

    /// The container and its interface.
    public var attachment: Attachment {
        Attachment(containerID: containerID, interfaceName: interfaceName)
    }
}
