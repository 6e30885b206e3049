package import EtcdClient

extension Kubeconfig {
    /// The text of a kubeconfig file with another token for the user of its current context, and another authority of its cluster, as far as both stand in it.
    ///
    /// Everything else stays as it is, comments too.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - token: The token.
    ///   - authority: The PEM text of the authority; nil to leave it alone.
    /// - Returns: The text; nil where the file says the same already.
    /// - Throws: `.invalidConfiguration`, also when the file has no token in it.
    package static func text(
        of path: String,
        token: Secret,
        authority: [UInt8]?
    ) throws(KubernetesError) -> String? {
        let kubeconfig = try Kubeconfig(path: path)
        let old = String(decoding: try contents(of: path, "the kubeconfig \(path)"), as: UTF8.self)
        guard case .token(let present) = try kubeconfig.access().credentials else {
            throw .invalidConfiguration(
                "the kubeconfig \(path) has no token in it that could be kept current",
                advice: "Have the installer write it, or leave --plugin-kubeconfig out."
            )
        }
        var new = old
        if present != token { new = new.replacing(present.revealed, with: token.revealed) }
        if let authority, let data = try kubeconfig.authorityData(),
            PEM(Base64.decode(data) ?? []).text != PEM(authority).text
        {
            new = new.replacing(data, with: Base64.encode(authority))
        }
        return new == old ? nil : new
    }
}
