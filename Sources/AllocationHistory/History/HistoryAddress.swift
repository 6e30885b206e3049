/// An address together with the realm in which it may have one owner only.
public struct HistoryAddress: Codable, Sendable, Hashable, CustomStringConvertible {
    /// The allocation domain: the configuration's `network_name`, empty for the default network.
    public let domain: String
    /// The address in canonical text, without a prefix length.
    public let address: String

    /// Makes an address of a domain; two texts of the same address would count as two addresses.
    public init(domain: String, address: String) {
        self.domain = domain
        self.address = address
    }

    /// The address, and its domain unless that is the default network.
    public var description: String {
        domain.isEmpty ? address : "\(address) of \(domain)"
    }
}
