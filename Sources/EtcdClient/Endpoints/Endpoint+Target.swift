internal import IPTypes

extension Endpoint {
    /// The names of the gRPC targets that together reach the endpoint, in the order to try them.
    ///
    /// A literal address is one target. A name that the hosts file lists is one for each of its addresses: the
    /// resolver of gRPC asks DNS for IPv6 even then, and waits for a silent DNS server to the deadline. Any other
    /// name is left to that resolver, which needs no NSS module, so that it works in a fully static binary.
    func targetNames(hosts: HostsFile) -> [String] {
        if let address = try? IPAddress(host) {
            return [Self.targetName(address, port)]
        }
        let addresses = hosts.addresses(of: host)
        return addresses.isEmpty ? ["dns:///\(host):\(port)"] : addresses.map { Self.targetName($0, port) }
    }

    /// What the server's certificate must be for, in the form that gRPC compares: an address as it is written canonically.
    var certificateName: String {
        (try? IPAddress(host))?.description ?? host
    }

    private static func targetName(_ address: IPAddress, _ port: UInt16) -> String {
        switch address.family {
        case .ipv4: "ipv4:\(address):\(port)"
        case .ipv6: "ipv6:[\(address)]:\(port)"
        }
    }
}
