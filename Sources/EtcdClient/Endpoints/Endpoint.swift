internal import IPTypes
internal import JSON

/// One etcd endpoint: a host and the port of its client API.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// How a client speaks to an endpoint.
    public enum Scheme: String, Hashable, Sendable {
        /// In clear text.
        case http
        /// Over TLS.
        case https
    }

    /// The port when a connection string names none.
    public static let defaultPort: UInt16 = 2379

    /// The scheme as given; without one the client speaks TLS when TLS files are configured, and in clear text otherwise.
    public let scheme: Scheme?
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    public let host: String
    /// The port.
    public let port: UInt16

    /// Makes an endpoint of its parts; the host is not checked.
    public init(scheme: Scheme? = nil, host: String, port: UInt16 = defaultPort) {
        self.scheme = scheme
        self.host = host
        self.port = port
    }

    /// Reads one endpoint: `host`, `host:port` or `[v6]:port`, with or without `http://` or `https://` and a slash at the end.
    ///
    /// - Throws: `.invalidConfiguration`, naming the text and what would be right.
    public init(_ text: String) throws(EtcdError) {
        // What stands before the sign may be a password, so the text is not shown.
        let shown = text.contains("@") ? "an endpoint with an @" : "\"\(text)\""
        func invalid(_ reason: String) -> EtcdError {
            EtcdError(
                .invalidConfiguration(.endpoints),
                "\(shown) is not an etcd endpoint: \(reason)",
                advice: "Write host:port, for example 10.0.0.5:2379, [fd00::5]:2379 or https://etcd.example:2379."
            )
        }
        guard !text.contains("@") else {
            throw invalid("user and password are configured apart from the endpoints")
        }

        var rest = Substring(text)
        var scheme: Scheme?
        if let mark = rest.range(of: "://") {
            guard let known = Scheme(rawValue: rest[..<mark.lowerBound].lowercased()) else {
                throw invalid("the scheme must be http or https")
            }
            scheme = known
            rest = rest[mark.upperBound...]
        }
        if rest.hasSuffix("/") {
            rest = rest.dropLast()
        }
        guard !rest.contains("/") else {
            throw invalid("it has a path, which etcd's client API does not have")
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
            self.init(scheme: scheme, host: String(host))
            return
        }
        // Checked here because gRPC takes a port modulo 65536.
        guard !port.hasPrefix("+"), let number = UInt16(port), number > 0 else {
            throw invalid("the port must be a number from 1 to 65535")
        }
        self.init(scheme: scheme, host: String(host), port: number)
    }

    /// Reads a connection string: endpoints separated by commas, blanks or both, or a JSON array of them.
    ///
    /// Duplicates are folded.
    ///
    /// - Throws: `.invalidConfiguration` for a bad endpoint, and for a text that names none.
    public static func list(_ text: String) throws(EtcdError) -> [Endpoint] {
        try list(try parts(text))
    }

    /// Reads endpoints one by one, and folds duplicates.
    ///
    /// - Throws: As `list(_:)` for a text.
    public static func list(_ texts: [String]) throws(EtcdError) -> [Endpoint] {
        var endpoints: [Endpoint] = []
        for text in texts {
            let endpoint = try Endpoint(text)
            if !endpoints.contains(endpoint) {
                endpoints.append(endpoint)
            }
        }
        guard !endpoints.isEmpty else {
            throw EtcdError(
                .invalidConfiguration(.endpoints),
                "no etcd endpoint is named",
                advice: "Write one as host:port, or several separated by commas."
            )
        }
        return endpoints
    }

    private static func parts(_ text: String) throws(EtcdError) -> [String] {
        // A bracket may also begin an IPv6 address.
        let characters = text.filter { !$0.isWhitespace }
        guard characters.hasPrefix("[\"") || characters == "[]" else {
            return text.split(whereSeparator: { $0 == "," || $0.isWhitespace }).map(String.init)
        }
        guard let texts = (try? JSONValue(parsing: Array(text.utf8)))?.strings else {
            throw EtcdError(
                .invalidConfiguration(.endpoints),
                "the list of etcd endpoints begins as a JSON array and is none",
                advice: "Write it as [\"10.0.0.5:2379\", \"10.0.0.6:2379\"], or without brackets and quotation marks."
            )
        }
        return texts
    }

    /// The endpoint as `host:port`, an IPv6 address in brackets, and with its scheme when it has one.
    public var description: String {
        let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        return scheme.map { "\($0.rawValue)://\(authority)" } ?? authority
    }

    /// Whether both endpoints are the same port of the same host, however these are written.
    func isSamePlace(as other: Endpoint) -> Bool {
        guard port == other.port else { return false }
        if let address = try? IPAddress(host), let otherAddress = try? IPAddress(other.host) {
            return address == otherAddress
        }
        return host.lowercased() == other.host.lowercased()
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
