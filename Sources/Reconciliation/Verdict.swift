internal import IPAM
internal import IPTypes
package import Whereabouts

/// Whether an allocation is still needed, as far as one look tells.
package enum Verdict: Hashable, Sendable {
    /// Why an allocation is needed no longer.
    package enum Reason: String, Hashable, Sendable {
        /// There is no pod of that name.
        case podGone
        /// Another pod has the name.
        case podReplaced
        /// The pod has ended.
        case podCompleted
        /// The interface has another address.
        case interfaceHasOtherAddress
        /// The runtime does not know the container.
        case containerGone
    }

    /// Somebody has it, or may be about to.
    case live
    /// It names no pod, or a static one without its mirror pod, so that pods tell nothing of it.
    case withoutPod
    /// It waits for its pod.
    case waiting
    /// It has waited long enough.
    case expired
    /// Nobody has it.
    case stranded(Reason)

    /// Judges an allocation by what was seen to live, which must have been looked up behind the read of the allocation.
    ///
    /// - Parameters:
    ///   - allocation: The allocation.
    ///   - look: What lives.
    ///   - now: The time, as records have it.
    package init(of allocation: StoredAllocation, by look: Look, now: String) {
        if let until = allocation.retainedUntil {
            self = until <= now ? .expired : .waiting
            return
        }
        switch look {
        case .pods(let pods):
            guard let reference = allocation.owner.pod else {
                self = .withoutPod
                return
            }
            guard let reason = Self.reason(allocation, pods[reference]) else {
                self = .live
                return
            }
            // A static pod runs without a mirror pod, or beside the one before it, while its kubelet does not reach the API server.
            let isUnproved = allocation.isOfStaticPod && (reason == .podGone || reason == .podReplaced)
            self = isUnproved ? .withoutPod : .stranded(reason)
        case .containers(let containers, let settled):
            // What is younger than the list may not be in it.
            guard let created = allocation.created, created < settled,
                !containers.contains(allocation.owner.containerID)
            else {
                self = .live
                return
            }
            self = .stranded(.containerGone)
        }
    }

    /// Why a pod does not need an allocation; nil when it does, or may.
    private static func reason(_ allocation: StoredAllocation, _ pod: PodState?) -> Reason? {
        guard let pod else { return .podGone }
        if let uid = allocation.podUID, !pod.isNamed(uid) { return .podReplaced }
        if pod.isCompleted { return .podCompleted }
        guard allocation.podUID == nil, let interfaces = pod.interfaces else { return nil }
        // What Multus has not noted proves nothing: it does so late, or not at all.
        let address = allocation.place.address
        guard let noted = interfaces[allocation.owner.interfaceName], !allocation.owner.interfaceName.isEmpty,
            noted.contains(where: { $0.family == address.family }),
            !interfaces.values.contains(where: { $0.contains(address) })
        else { return nil }
        return .interfaceHasOtherAddress
    }
}
