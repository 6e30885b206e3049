package import EtcdClient

extension Kubeconfig {
    /// The text of a kubeconfig file with another token for the user of its current context, and another authority of its cluster.
    ///
    /// Everything else stays as it is, comments too.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - token: The token.
    ///   - authority: The PEM texts of the authority that is to go, if the file has that, and of the one that is to come; nil to leave it alone.
    /// - Returns: The text; nil where the file says the same already.
    /// - Throws: `.invalidConfiguration`, also for a file without a token in it, and for one whose token can't be told from the rest of the text.
    package static func text(
        of path: String,
        token: Secret,
        authority: (old: [UInt8], new: [UInt8])? = nil
    ) throws(KubernetesError) -> String? {
        let bytes = try contents(of: path, "the kubeconfig \(path)")
        let old = String(decoding: bytes, as: UTF8.self)
        let kubeconfig = try Kubeconfig(bytes, path: path)
        guard case .token(let present) = try kubeconfig.access().credentials else {
            throw .invalidConfiguration(
                "the kubeconfig \(path) has no token in it that could be kept current",
                advice: "Have the installer write it, or leave --plugin-kubeconfig out."
            )
        }
        var new = old
        if present != token { new = try replacing(present.revealed, with: token.revealed, in: new, of: path) }
        if let authority, let data = try kubeconfig.authorityData(),
            PEM(Base64.decode(data) ?? []).text.trimmed == PEM(authority.old).text.trimmed
        {
            new = try replacing(data, with: Base64.encode(authority.new), in: new, of: path)
        }
        guard new != old else { return nil }
        guard case .token(token) = try Kubeconfig(Array(new.utf8), path: path).access().credentials else {
            throw unclear(path)
        }
        return new
    }

    private static func replacing(
        _ part: String,
        with other: String,
        in text: String,
        of path: String
    ) throws(KubernetesError) -> String {
        guard text.ranges(of: part).count == 1 else { throw unclear(path) }
        return text.replacing(part, with: other)
    }

    private static func unclear(_ path: String) -> KubernetesError {
        .invalidConfiguration(
            "the kubeconfig \(path) has its token or its authority more than once, or not in one line, so that it can't be kept current",
            advice: "Have the installer write it anew."
        )
    }
}

extension String {
    /// Without line breaks at its end.
    fileprivate var trimmed: Substring {
        var text = self[...]
        while text.last?.isNewline ?? false { text.removeLast() }
        return text
    }
}
