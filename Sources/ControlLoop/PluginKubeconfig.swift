internal import EtcdClient
internal import KubernetesClient
internal import SystemPackage

/// The kubeconfig file that the installer wrote for the plugin, with the token of a service account that Kubernetes replaces again and again.
struct PluginKubeconfig {
    /// The file.
    let path: String
    /// The directory with the service account's files.
    let serviceAccount: String
    /// The authority that the service account had the last time; another one in the file is the operator's, and stays.
    private var authority: [UInt8]?

    /// Makes it of the file, and of the directory with the service account's files.
    init(path: String, serviceAccount: String) {
        self.path = path
        self.serviceAccount = serviceAccount
    }

    /// Brings the token up to date, and the authority where it changes, and returns whether that took a change.
    ///
    /// The file's mode stays. Whoever opens it finds the old one or the new one, whole.
    mutating func refresh() throws(ControlLoopError) -> Bool {
        let file = FilePath(path)
        guard file.exists else { throw .missing(path) }
        let token = try contents("token").filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let present = try contents("ca.crt")
        // RFC 6750 section 2.1.
        guard !token.isEmpty, token.allSatisfy({ 0x21...0x7e ~= $0 }) else {
            throw .noToken("\(serviceAccount)/token")
        }
        let text: String?
        do throws(KubernetesError) {
            text = try Kubeconfig.text(
                of: path,
                token: Secret(String(decoding: token, as: UTF8.self)),
                authority: authority.map { ($0, present) }
            )
        } catch {
            throw .kubernetes(error)
        }
        guard let text else {
            authority = present
            return false
        }
        do throws(Errno) {
            let mode = try file.stat().permissions
            let next = try PartialFile(for: file)
            try next.append(Array(text.utf8))
            try next.permit(mode)
            try next.commit()
        } catch {
            throw .file(path, error)
        }
        authority = present
        return true
    }

    private func contents(_ name: String) throws(ControlLoopError) -> [UInt8] {
        let path = "\(serviceAccount)/\(name)"
        do throws(Errno) {
            return try FileDescriptor.contents(of: FilePath(path))
        } catch {
            throw .unreadable(path, error)
        }
    }
}
