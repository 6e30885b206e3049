import IPAM

/// An address in the model of a store: whose it is, and whether it only waits for its owner's pod.
struct ModelRecord: Hashable {
    var owner: AllocationOwner
    var isWaiting = false
}
