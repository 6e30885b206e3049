internal import IPTypes
internal import SystemPackage

/// The host's static table of names (hosts(5)), read when a name is first looked up.
///
/// The C library's own look-up is no way to it: in a static binary it loads the host's NSS modules, and a foreign one
/// crashed the process.
struct HostsFile {
    private let path: String

    init(path: String = "/etc/hosts") {
        self.path = path
    }

    /// The addresses that the table gives a name, in its order; none when the name or the file is not there.
    ///
    /// `localhost` is the loopback address even when the table does not say so (RFC 6761 section 6.3).
    func addresses(of name: String) -> [IPAddress] {
        let name = name.lowercased()
        var addresses: [IPAddress] = []
        if let contents = try? FileDescriptor.contents(of: FilePath(path)) {
            for line in String(decoding: contents, as: UTF8.self).split(whereSeparator: \.isNewline) {
                let fields = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
                guard let first = fields.first, let address = try? IPAddress(first) else { continue }
                if fields.dropFirst().contains(where: { $0.lowercased() == name }), !addresses.contains(address) {
                    addresses.append(address)
                }
            }
        }
        if addresses.isEmpty, name == "localhost" {
            addresses = [IPAddress(v4: 0x7f00_0001), IPAddress(v6: 1)]
        }
        return addresses
    }
}
