internal import CGRPCBridge
internal import EtcdClient

extension ClusterAccess {
    /// Lends the PEM texts of TLS to `body` in the bridge's form.
    func withBridgedTLS<Result>(_ body: (UnsafePointer<cgb_tls>) -> Result) -> Result {
        unsafe withOptionalCString(authorities) { authorities in
            unsafe withOptionalCString(identity?.certificateChain) { chain in
                unsafe withOptionalCString(identity?.privateKey.revealed) { key in
                    var tls = unsafe cgb_tls(authorities: authorities, certificate_chain: chain, private_key: key)
                    return unsafe body(&tls)
                }
            }
        }
    }
}
