public import EtcdClient
public import IPAM
public import IPTypes
public import KubernetesClient

/// Why the datastore could not do what was asked.
///
/// Nothing was allocated or released unless a case says otherwise.
public enum DatastoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Every address that the range can give out is taken; a linearizable count has shown it.
    case rangeFull(AddressPool, AllocationDomain)
    /// The node's slices of the range are full, and all others are other nodes' and in use.
    case slicesTaken(AddressPool, AllocationDomain, length: Int, node: String)
    /// The controller has not given the node a slice of the range yet; what it has said in a NodeSlicePool of that name, if there is one.
    case sliceMissing(AddressPool, AllocationDomain, node: String, pool: String)
    /// The address that was asked for lies in none of the slices that the node has.
    case addressOutsideSlices(IPAddress, AllocationDomain, node: String, slices: [IPPrefix])
    /// Somebody else has the address that was asked for; until then, where it waits for a pod.
    case addressTaken(IPAddress, AllocationDomain, by: AllocationOwner, until: String?)
    /// The attachment was deleted while it was added.
    case deleted(Attachment)
    /// A stored key can't be understood. It is never taken for a free address.
    case undecodable(key: String, reason: String)
    /// Other writers won every race until the deadline.
    case contention(tries: Int)
    /// etcd failed. With its code `.outcomeUnknown` the allocation or release may still take effect; the next call finds it.
    case etcd(EtcdError)
    /// The API server failed; with its code `.outcomeUnknown` the same holds as for etcd's.
    case kubernetes(KubernetesError)

    /// A transaction was answered with fewer results than it has operations.
    static var shortAnswer: DatastoreError {
        .etcd(EtcdError(.malformedReply, "etcd's answer to a transaction lacks results"))
    }

    /// Whether a write may have taken effect all the same.
    ///
    /// etcd also reports that its space is used up when that happens by the very write that it has applied.
    var leavesOutcomeUnknown: Bool {
        switch self {
        case .etcd(let error): error.code == .outcomeUnknown || isNoSpace
        case .kubernetes(let error): error.code == .outcomeUnknown
        default: false
        }
    }

    /// Whether the datastore could not be reached, or not be made to answer in time, so that the same call may well succeed later.
    package var isUnavailability: Bool {
        switch self {
        case .contention: true
        case .etcd(let error): error.isUnavailability
        case .kubernetes(let error): error.isUnavailability
        case .rangeFull, .slicesTaken, .sliceMissing, .addressOutsideSlices, .addressTaken, .deleted, .undecodable:
            false
        }
    }

    /// Whether the store can't be reached or refuses this client, so that its other calls would fail likewise.
    var isOfStore: Bool {
        if case .kubernetes(let error) = self { return error.isOfServer }
        guard case .etcd(let error) = self else { return isUnavailability }
        switch error.code {
        case .missingRole, .missingPermission, .invalidConfiguration, .file: return true
        case .server(let server) where server.refusesUser: return true
        default: return isUnavailability
        }
    }

    /// Whether all that could be given out is taken.
    var isExhaustion: Bool {
        switch self {
        case .rangeFull, .slicesTaken: true
        default: false
        }
    }

    /// Whether addresses that are released may help.
    var isOfRange: Bool {
        if case .contention = self { return true }
        return isExhaustion
    }

    /// Whether etcd refuses writes because its space is used up.
    var isNoSpace: Bool {
        guard case .etcd(let error) = self else { return false }
        return error.code == .server(.noSpace)
    }

    /// What happened and what can be done, in one line.
    public var description: String {
        switch self {
        case .rangeFull(let pool, let domain):
            "no free address is left in range \(pool.range) (\(pool.capacity) address\(pool.capacity == 1 ? "" : "es") in \(domain)); "
                + "widen the range, or free addresses that no container uses"
        case .slicesTaken(let pool, let domain, let length, let node):
            "no free address is left in the slices of \(pool.range) that node \(node) has, and no slice of /\(length) is left for it (in \(domain)); "
                + "widen the range, or make node_slice_size a smaller part of it"
        case .sliceMissing(let pool, let domain, let node, let name):
            "node \(node) has no slice of \(pool.range) in the NodeSlicePool \(name) yet (in \(domain)); "
                + "see whether whereabouts-node-slice-controller runs, and what its events say"
        case .addressOutsideSlices(let address, let domain, let node, let slices):
            "the address \(address) that was asked for (in \(domain)) is not node \(node)'s to give out, which has "
                + (slices.isEmpty ? "no slice" : slices.map(\.description).joined(separator: ", "))
                + "; ask for one of these, or run the pod where it is"
        case .addressTaken(let address, let domain, let owner, let until):
            "the address \(address) that was asked for (in \(domain)) belongs to "
                + (owner.pod.map { "pod \($0), " } ?? "") + "container \(owner.attachment)"
                + (owner.node.isEmpty ? "" : " on node \(owner.node)")
                + (until.map { ", for which it waits until \($0); ask for another one, or wait until then" }
                    ?? "; ask for another one, or delete that container first")
        case .deleted(let attachment):
            "\(attachment) was deleted while this ADD was under way; nothing was allocated"
        case .undecodable(let key, let reason):
            "the record \(key) can't be decoded: \(reason)"
        case .contention(let tries):
            "lost \(tries) races for an address until the deadline"
        case .etcd(let error):
            error.description
        case .kubernetes(let error):
            error.description
        }
    }
}

extension EtcdError {
    /// Whether etcd could not be reached, or not be made to answer in time.
    ///
    /// A certificate that one side does not trust keeps a client from etcd as a network that is down does.
    var isUnavailability: Bool {
        switch code {
        case .unreachable, .handshakeFailed, .timedOut, .outcomeUnknown, .canceled: true
        case .server(let server): server.isTransient
        default: false
        }
    }
}
