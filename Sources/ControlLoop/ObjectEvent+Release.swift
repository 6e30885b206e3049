internal import IPAM
internal import IPTypes
internal import Reconciliation
internal import Whereabouts

extension ObjectEvent {
    /// That an address of a pod was freed; nil for what is no pod's.
    init?(release: NodeOutcome.Release) {
        self.init(
            release.allocation,
            .normal,
            reason: "IPAddressGarbageCollected",
            "was freed: \(release.reason.explanation)"
        )
    }

    /// That an address of a pod could not be freed; nil for what is no pod's.
    init?(failure: NodeOutcome.Failure) {
        self.init(
            failure.allocation,
            .warning,
            reason: "IPAddressGarbageCollectionFailed",
            "could not be freed, and is tried again: \(failure.error)"
        )
    }

    private init?(_ allocation: StoredAllocation, _ severity: Severity, reason: String, _ text: String) {
        guard let pod = allocation.owner.pod else { return nil }
        let interface = allocation.owner.interfaceName
        self.init(
            kind: "Pod",
            namespace: pod.namespace,
            name: pod.name,
            uid: allocation.podUID,
            severity,
            reason: reason,
            message: "\(allocation.place.address)" + (interface.isEmpty ? "" : " of interface \(interface)")
                + " \(text)"
        )
    }
}

extension Verdict.Reason {
    /// The reason for people.
    fileprivate var explanation: String {
        switch self {
        case .podGone: "the pod is gone"
        case .podReplaced: "another pod has the name"
        case .podCompleted: "the pod has ended"
        case .interfaceHasOtherAddress: "the interface has another address"
        case .containerGone: "the runtime does not know the container"
        }
    }
}
