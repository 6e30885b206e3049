package import KubernetesClient
package import Whereabouts

/// Why a reconciliation ended before it was done.
package enum ReconciliationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The caller's options or the flat file can't be used.
    case configuration(String)
    /// What the answer says would free too much to be true.
    case suspicious(String)
    /// Another reconciler is at work, of this name.
    case taken(by: String)
    /// The right to be the only reconciler was lost while it worked.
    case lost
    /// The process was told to end.
    case stopped
    /// A file could not be read or written.
    case file(String)
    /// The API server failed.
    case kubernetes(KubernetesError)
    /// The datastore failed.
    case datastore(DatastoreError)

    /// The exit status of a process that ends with it.
    package var exitStatus: Int32 {
        switch self {
        case .configuration: 2
        case .kubernetes(let error) where error.code == .invalidConfiguration: 2
        case .datastore(.kubernetes(let error)) where error.code == .invalidConfiguration: 2
        case .suspicious: 3
        case .taken: 4
        case .lost, .stopped, .file, .kubernetes, .datastore: 1
        }
    }

    /// What happened and what can be done, in one line.
    package var description: String {
        switch self {
        case .configuration(let text), .suspicious(let text), .file(let text): text
        case .taken(let name):
            "another reconciler is at work: \(name); wait until it ends, or until 15 seconds after it was killed"
        case .lost:
            "this reconciler was cut off from the datastore for so long that another one may be at work; nothing was freed since. Run it again"
        case .stopped: "stopped by a signal"
        case .kubernetes(let error): "\(error)"
        case .datastore(let error): "\(error)"
        }
    }
}
