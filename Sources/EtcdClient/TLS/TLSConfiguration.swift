/// The PEM files of TLS connections; with none of them a server is checked against the host's trust store.
///
/// They are read when a client is made, and again when a connection fails, so that files may be replaced at any time. What was read
/// counts until then.
public struct TLSConfiguration: Hashable, Sendable {
    /// The certificates of the authorities that servers are trusted by; nil for the host's own list.
    public var caFile: String?
    /// The client's certificate, with intermediate ones after it; nil when the servers demand none.
    public var certificateFile: String?
    /// The private key of the client's certificate: PKCS#8, PKCS#1 or SEC1, not encrypted.
    public var keyFile: String?
    /// Whether the first client with TLS reduces the OpenSSL of the whole process to what it needs itself, which saves some four
    /// milliseconds of start.
    ///
    /// For short-lived processes that use OpenSSL for nothing else: it has no MD5, no DSA and no encrypted keys afterwards.
    public var reducesOpenSSL = false

    /// Names the files.
    public init(caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil) {
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    /// Whether no file is named.
    public var isEmpty: Bool {
        caFile == nil && certificateFile == nil && keyFile == nil
    }
}
