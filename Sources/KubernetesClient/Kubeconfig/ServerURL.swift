internal import EtcdClient
internal import IPTypes

/// The URL of an API server or a proxy, as far as either may have one.
struct ServerURL: Hashable {
    let host: String
    let port: UInt16
    /// What stands before the paths of the API, without a solidus at its end; mostly empty.
    let basePath: String
    /// User and password as they stand there, `user:password`, percent-encoded.
    let userInfo: Secret?

    /// Reads a URL of a scheme.
    ///
    /// - Throws: `Flaw` with what is wrong.
    init(_ text: String, scheme: String, defaultPort: UInt16) throws(Flaw) {
        let prefix = scheme + "://"
        guard text.lowercased().hasPrefix(prefix) else {
            throw Flaw(reason: "must begin with \(prefix)")
        }
        var rest = text.dropFirst(prefix.count)
        guard rest.utf8.allSatisfy({ 0x21...0x7e ~= $0 && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else {
            throw Flaw(reason: "has a character that has no place in it")
        }
        let path = rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
        rest = rest.prefix { $0 != "/" }
        var base = path
        while base.hasSuffix("/") {
            base = base.dropLast()
        }
        basePath = String(base)
        if let at = rest.lastIndex(of: "@") {
            userInfo = Secret(String(rest[..<at]))
            rest = rest[rest.index(after: at)...]
        } else {
            userInfo = nil
        }
        let host: Substring
        var portText: Substring = ""
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") {
            host = rest[rest.index(after: rest.startIndex)..<close]
            portText = rest[rest.index(after: close)...]
            guard (try? IPAddress(host))?.family == .ipv6 else {
                throw Flaw(reason: "has brackets without an IPv6 address")
            }
        } else {
            host = rest.prefix { $0 != ":" }
            portText = rest[host.endIndex...]
        }
        guard !host.isEmpty else { throw Flaw(reason: "has no host") }
        self.host = String(host)
        guard portText != "", portText != ":" else {
            port = defaultPort
            return
        }
        let digits = portText.dropFirst()
        guard portText.hasPrefix(":"), digits.allSatisfy(\.isNumber), let port = UInt16(digits), port > 0 else {
            throw Flaw(reason: "has no port from 1 to 65535 behind its host; an IPv6 address stands in brackets")
        }
        self.port = port
    }

    /// What is wrong with a URL, as what can follow it.
    struct Flaw: Error {
        let reason: String
    }

    /// Host and port, an IPv6 address in brackets.
    var authority: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
