/// A PEM text (RFC 7468): what is in it is looked through line by line, and not parsed.
package struct PEM: Hashable {
    /// The text from its first block on.
    ///
    /// What stands before it is no part of it for any reader; for gRPC a key that begins with `engine:` would be the name of a
    /// library to load.
    package let text: String
    /// The labels of the blocks, in their order, for example `CERTIFICATE`.
    let labels: [String]
    /// Whether a block says that it needs a passphrase.
    package let isEncrypted: Bool

    /// Looks through a file's bytes.
    package init(_ bytes: [UInt8]) {
        var labels: [String] = []
        var isEncrypted = false
        var text = bytes[...]
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: Self.begin) {
                if labels.isEmpty {
                    text = bytes[line.startIndex...]
                }
                let label = line.dropFirst(Self.begin.count).prefix { $0 != UInt8(ascii: "-") }
                labels.append(String(decoding: label, as: UTF8.self))
            } else if line.starts(with: "Proc-Type: 4,ENCRYPTED".utf8) {
                isEncrypted = true
            }
        }
        self.labels = labels
        self.text = labels.isEmpty ? "" : String(decoding: text, as: UTF8.self)
        self.isEncrypted = isEncrypted || labels.contains("ENCRYPTED PRIVATE KEY")
    }

    private static let begin = Array("-----BEGIN ".utf8)

    /// Whether there is a certificate.
    package var holdsCertificate: Bool {
        labels.contains { $0 == "CERTIFICATE" || $0 == "TRUSTED CERTIFICATE" || $0 == "X509 CERTIFICATE" }
    }

    /// Whether there is a private key, encrypted or not.
    package var holdsPrivateKey: Bool {
        labels.contains { $0.hasSuffix("PRIVATE KEY") }
    }
}
