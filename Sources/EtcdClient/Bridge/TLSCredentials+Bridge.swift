internal import CGRPCBridge

extension TLSCredentials? {
    /// Lends the texts to `body` in the bridge's form; nil for clear text.
    func withBridged<Result>(_ body: (UnsafePointer<cgb_tls>?) -> Result) -> Result {
        guard let self else { return body(nil) }
        return unsafe self.authorities.withCString { authorities in
            guard let identity = self.identity else {
                var tls = unsafe cgb_tls(authorities: authorities, certificate_chain: nil, private_key: nil)
                return unsafe body(&tls)
            }
            return unsafe identity.certificateChain.withCString { chain in
                unsafe identity.privateKey.revealed.withCString { key in
                    var tls = unsafe cgb_tls(authorities: authorities, certificate_chain: chain, private_key: key)
                    return unsafe body(&tls)
                }
            }
        }
    }
}
