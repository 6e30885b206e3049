internal import KubernetesClient
internal import SystemPackage

/// What keeps the control loop from a part of its work.
enum ControlLoopError: Error, Hashable {
    /// A service account, or a kubeconfig that is to be kept current.
    case kubernetes(KubernetesError)
    /// A file that holds no token.
    case noToken(String)
    /// A service account's file that can't be read.
    case unreadable(String, Errno)
    /// A kubeconfig that is not there.
    case missing(String)
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
        case .noToken(let path): "\(path) holds no token; mount that of the service account there"
        case .unreadable(let path, let error):
            "\(path): \(error); mount the service account's files there, or name their directory by --service-account"
        case .missing(let path):
            "--plugin-kubeconfig \(path) is not there; have the installer write it, or leave the option out"
        case .listener(let place, let reason):
            "--listen \(place) can't be listened on: \(reason); name an address of this host and a port that is free"
        case .file(let path, let error): "\(path): \(error); check its mode, and that it is mounted for writing"
        }
    }
}
