/// A kube-apiserver that did not do what it was started for.
public struct APIServerFailure: Error, CustomStringConvertible {
    let reason: String

    /// Makes the failure of a reason.
    public init(reason: String) {
        self.reason = reason
    }

    /// What it said.
    public var description: String {
        "kube-apiserver: \(reason)"
    }
}
