internal import IPAM
internal import IPTypes
internal import KubernetesClient

/// How the objects are called, as upstream calls them.
enum ObjectNames {
    /// The pool object of a range: `192.168.2.0-24`, `2001-db8---64`, with the network's name before it where there is one, and the node's
    /// before that of a slice: `network-node-192.168.2.0-26`.
    static func pool(
        _ range: IPPrefix,
        networkName: String,
        node: String? = nil
    ) throws(DatastoreError) -> String {
        try name(range.description, [networkName, node ?? ""].filter { !$0.isEmpty }.joined(separator: "-"))
    }

    /// The reservation of an address: `192.168.2.1`, `2001-db8--0`, with the network's name before it where there is one.
    static func reservation(_ address: IPAddress, networkName: String) throws(DatastoreError) -> String {
        try name(address.description, networkName)
    }

    /// A range or an address as it stands in names.
    static func plainName(_ text: String) -> String {
        let whole = text.hasSuffix(":") ? text + "0" : text
        return String(whole.map { $0 == ":" || $0 == "/" ? "-" : $0 })
    }

    private static func name(_ text: String, _ networkName: String) throws(DatastoreError) -> String {
        let normal = plainName(text)
        let name = networkName.isEmpty ? normal : "\(networkName)-\(normal)"
        guard isSubdomain(name) else {
            throw .kubernetes(
                KubernetesError(
                    .invalidConfiguration,
                    "\(name) would be the name of an object for \(text), and can't be one",
                    advice: networkName.isEmpty
                        ? "Give the network a network_name, which stands before it."
                        : "Write network_name in lower-case letters, digits, hyphens and dots."
                )
            )
        }
        return name
    }

    /// Whether a text is a DNS subdomain (RFC 1123), as names of objects must be.
    static func isSubdomain(_ text: String) -> Bool {
        func isAlphanumeric(_ byte: UInt8) -> Bool {
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        }
        return text.utf8.count <= 253
            && text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { part in
                (part.first.map(isAlphanumeric) ?? false) && (part.last.map(isAlphanumeric) ?? false)
                    && part.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
            }
    }
}
