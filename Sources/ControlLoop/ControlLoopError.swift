internal import KubernetesClient
internal import SystemPackage

/// What keeps the control loop from a part of its work.
enum ControlLoopError: Error, Hashable {
    /// A service account, or a kubeconfig that is to be kept current.
    case kubernetes(KubernetesError)
    /// A file with a token that is empty.
    case emptyToken(String)
    /// An address on which nothing can listen.
    case listener(ListenAddress, String)
    /// A file that can't be read or written.
    case file(String, Errno)
}

extension ControlLoopError: CustomStringConvertible {
    /// What happened and what can be done, in one line.
    var description: String {
        switch self {
        case .kubernetes(let error): "\(error)"
        case .emptyToken(let path): "\(path) is empty; mount the token of the service account there"
        case .listener(let place, let reason):
            "--listen \(place) can't be listened on: \(reason); name an address of this host and a port that is free"
        case .file(let path, let error): "\(path): \(error); check its mode, and that it is mounted for writing"
        }
    }
}
