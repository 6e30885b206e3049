/// The interface of a container that a call names.
public struct CallAttachment: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The runtime's identifier of the container (CNI_CONTAINERID).
    public let container: String
    /// The interface's name inside the container (CNI_IFNAME).
    public let interface: String

    /// Makes an attachment.
    public init(container: String, interface: String) {
        self.container = container
        self.interface = interface
    }

    /// Container and interface, as a report shows them.
    public var description: String {
        "\(container)/\(interface)"
    }
}
