package import IPTypes

/// Where a datastore keeps an allocation: an address, and what it is unique in.
package struct AllocationPlace: Hashable, Sendable {
    /// On etcd the domain as a part of a key; on Kubernetes the name of the pool object, or `reservation/NAME` for a reservation
    /// without an entry.
    package let domain: String
    /// The address.
    package let address: IPAddress

    /// Makes a place.
    package init(domain: String, address: IPAddress) {
        self.domain = domain
        self.address = address
    }
}

extension AllocationPlace: CustomStringConvertible {
    /// The address with its domain, for messages.
    package var description: String {
        "\(address) (\(domain))"
    }
}
