/// One interface of one container, the unit that a runtime attaches to a network and detaches (CNI spec section 2).
public struct Attachment: Hashable, Sendable, CustomStringConvertible {
    /// The runtime's identifier of the container (CNI_CONTAINERID).
    public let containerID: String
    /// The interface's name inside the container (CNI_IFNAME).
    public let interfaceName: String

    /// Makes an attachment of names that were validated.
    public init(containerID: String, interfaceName: String) {
        self.containerID = containerID
        self.interfaceName = interfaceName
    }

    /// Container and interface, as a log shows them.
    public var description: String {
        "\(containerID)/\(interfaceName)"
    }
}
