extension [Endpoint] {
    /// Whether the endpoints are spoken to over TLS, which goes for all of them or for none.
    ///
    /// - Throws: `.invalidConfiguration` when they differ, or TLS files are configured beside an endpoint in clear text.
    func useTLS(_ tls: TLSConfiguration) throws(EtcdError) -> Bool {
        func scheme(of endpoint: Endpoint) -> Endpoint.Scheme {
            endpoint.scheme ?? (tls.isEmpty ? .http : .https)
        }
        let secure = first { scheme(of: $0) == .https }
        let plain = first { scheme(of: $0) == .http }
        if let plain, !tls.isEmpty {
            throw EtcdError(
                .invalidConfiguration(.endpoints),
                "\(plain) is an endpoint in clear text, and TLS files are configured",
                advice: "Write it with https://, or without a scheme; or remove the TLS files."
            )
        }
        if let secure, let plain {
            throw EtcdError(
                .invalidConfiguration(.endpoints),
                "\(secure) is spoken to over TLS and \(plain) in clear text",
                advice: "Give all endpoints the same scheme."
            )
        }
        return secure != nil
    }

    /// The endpoints without those that name a place again.
    var distinct: [Endpoint] {
        reduce(into: []) { list, endpoint in
            if !list.contains(where: { $0.isSamePlace(as: endpoint) }) {
                list.append(endpoint)
            }
        }
    }
}
