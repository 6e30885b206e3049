import JSON

@testable import KubernetesClient

/// YAML, and the URLs, Base64 and dates of an API server's surroundings: an input is a text of any of these.
enum KubeconfigTarget: FuzzTarget {
    static let name = "kubeconfig"

    static func read(_ input: Span<UInt8>) {
        let bytes = bytes(input)
        if let value = try? YAMLParser.parse(bytes) {
            // JSON is YAML.
            expect((try? YAMLParser.parse(value.encoded())) != nil, "\(value) does not read again")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let url = try? ServerURL(text, scheme: "https", defaultPort: 443) {
            let again = try? ServerURL("https://\(url.authority)\(url.basePath)", scheme: "https", defaultPort: 443)
            expect(again?.host == url.host && again?.port == url.port, "\(url) reads as another URL")
        }
        if let decoded = Base64.decode(text) {
            expect(Base64.decode(Base64.encode(decoded)) == decoded, "\(text) is decoded as something else")
        }
        _ = HTTPDate.secondsSince1970(text)
    }
}
