/// What one gRPC channel leads to.
struct Target: Hashable {
    /// The name in gRPC's syntax, such as `ipv4:127.0.0.1:2379` or `dns:///name:2379`.
    let name: String
    /// The name or address that the server's certificate must be for: the endpoint's own.
    let serverName: String
    /// The index of the endpoint in the configuration.
    let endpoint: Int

    /// Whether the name has to be resolved before a connection can begin.
    var needsResolving: Bool { name.hasPrefix("dns:") }

    /// The IP address of a target's name, or of the first one that stands in a text of gRPC's, which has the same syntax with percent
    /// signs for brackets.
    static func address(in text: String) -> String? {
        let words = text.split(separator: " ").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
        for word in words {
            if word.count >= 2, word[0] == "ipv4" {
                return String(word[1])
            }
            if word.count >= 4, word[0] == "ipv6" {
                let address = word[1...].joined(separator: ":")
                let digits = address.drop { $0 != "[" && $0 != "B" }.dropFirst().prefix { $0 != "]" && $0 != "%" }
                return String(digits)
            }
        }
        return nil
    }
}
