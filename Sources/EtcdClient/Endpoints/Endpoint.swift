internal import IPTypes

/// One etcd endpoint: a host and the port of its client API.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// The port when a connection string names none.
    public static let defaultPort: UInt16 = 2379

    /// A name, an IPv4 address, or an IPv6 address without brackets.
    public let host: String
    /// The port.
    public let port: UInt16

    /// Makes an endpoint of its parts; the host is not checked.
    public init(host: String, port: UInt16 = defaultPort) {
        self.host = host
        self.port = port
    }

    /// Reads one endpoint: `host`, `host:port` or `[v6]:port`, with or without `http://`.
    ///
    /// - Throws: `.invalidConfiguration`, naming the text and what would be right.
    public init(_ text: String) throws(EtcdError) {
        func invalid(_ reason: String) -> EtcdError {
            EtcdError(
                .invalidConfiguration,
                "\"\(text)\" is not an etcd endpoint: \(reason)",
                advice: "Write host:port, for example 10.0.0.5:2379, [fd00::5]:2379 or http://etcd.example:2379."
            )
        }

        var rest = Substring(text)
        if let scheme = rest.range(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else {
                throw invalid("the scheme must be http")
            }
            rest = rest[scheme.upperBound...]
        }
        if rest.hasSuffix("/") {
            rest = rest.dropLast()
        }

        let host: Substring
        var port: Substring?
        if rest.hasPrefix("[") {
            guard let close = rest.firstIndex(of: "]") else {
                throw invalid("the bracket of the IPv6 address is not closed")
            }
            host = rest[rest.index(after: rest.startIndex)..<close]
            let tail = rest[rest.index(after: close)...]
            guard tail.isEmpty || tail.hasPrefix(":") else {
                throw invalid("a colon and the port must follow the bracket")
            }
            port = tail.isEmpty ? nil : tail.dropFirst()
            guard let address = try? IPAddress(host), address.family == .ipv6 else {
                throw invalid("the brackets must hold an IPv6 address")
            }
        } else if rest.count(where: { $0 == ":" }) > 1 {
            throw invalid("an IPv6 address belongs in brackets")
        } else if let colon = rest.firstIndex(of: ":") {
            host = rest[..<colon]
            port = rest[rest.index(after: colon)...]
        } else {
            host = rest
        }

        guard !host.isEmpty else { throw invalid("the host is missing") }
        let allowed = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: ":"):
                true
            default:
                false
            }
        }
        guard allowed else { throw invalid("the host has a character that no host name has") }
        guard let port else {
            self.init(host: String(host))
            return
        }
        // Checked here because gRPC takes a port modulo 65536.
        guard !port.hasPrefix("+"), let number = UInt16(port), number > 0 else {
            throw invalid("the port must be a number from 1 to 65535")
        }
        self.init(host: String(host), port: number)
    }

    /// Reads a connection string: endpoints separated by commas, blanks or both.
    ///
    /// Duplicates are folded.
    ///
    /// - Throws: `.invalidConfiguration` for a bad endpoint, and for a text that names none.
    public static func list(_ text: String) throws(EtcdError) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let endpoint = try Endpoint(String(part))
            if !endpoints.contains(endpoint) {
                endpoints.append(endpoint)
            }
        }
        guard !endpoints.isEmpty else {
            throw EtcdError(
                .invalidConfiguration,
                "no etcd endpoint is named",
                advice: "Write one as host:port, or several separated by commas."
            )
        }
        return endpoints
    }

    /// The endpoint as `host:port`, an IPv6 address in brackets.
    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension Substring {
    /// The range of the first occurrence of `text`.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
