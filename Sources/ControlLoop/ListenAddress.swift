internal import IPTypes

/// Where a server listens, as `ADDRESS:PORT` or `[ADDRESS]:PORT`.
struct ListenAddress: Hashable, Sendable {
    /// The address.
    let address: IPAddress
    /// The port; 0 for one that the system chooses.
    let port: UInt16

    /// Reads a text; nil for one of another form.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard let address = try? IPAddress(String(host)) else { return nil }
        self.address = address
        self.port = port
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The address and the port as they are written.
    var description: String {
        address.family == .ipv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
