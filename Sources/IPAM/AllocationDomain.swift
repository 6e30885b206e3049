public import IPTypes

/// The realm within which an address has one owner.
///
/// It is the `network_name`, the empty one meaning the default network. Where overlapping ranges are not kept apart
/// (`enable_overlapping_ranges: false`), each range of the network is a domain of its own.
public struct AllocationDomain: Hashable, Sendable, CustomStringConvertible {
    /// The network's name; empty for the default network.
    public let networkName: String
    /// The range that the domain is confined to, or nil for all ranges of the network.
    public let range: IPPrefix?

    /// Makes a domain.
    public init(networkName: String, range: IPPrefix? = nil) {
        self.networkName = networkName
        self.range = range
    }

    /// The domain as a message shows it.
    public var description: String {
        (networkName.isEmpty ? "the default network" : "network \(networkName)") + (range.map { ", range \($0)" } ?? "")
    }
}
