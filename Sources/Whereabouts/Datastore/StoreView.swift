internal import EtcdClient
internal import IPAM
internal import IPTypes

/// What one read at one revision tells about a request: what its owner has already, and each pool's state.
struct StoreView {
    /// The revision that the read reflects.
    let revision: Int64
    /// Whether the read reflects every write acknowledged before; a stale one may not conclude anything final.
    let isCurrent: Bool
    /// The addresses of the attachment itself.
    let own: [OwnedAddress]
    /// The addresses of the same pod's interface in an earlier container, or that wait for the pod.
    let inherited: [OwnedAddress]
    /// When a DEL of the attachment found nothing, on its node; nil when none is known.
    let deletion: NodeMoment.Uptime?
    /// Whether a slice that an address is to come out of is not the node's.
    let hasLostSlice: Bool
    /// The conditions that these slices are as the view shows them.
    let unchangedSlices: [Compare]
    /// Addresses of the demands' domains that have waited for their pods for long enough; read where the policy retains some.
    let expired: [RetainedAddress]
    /// One for each demand of the request.
    var pools: [PoolView]
    /// The place that was drawn with the view after a lost race, in the queue of the pool of the first demand that was missing.
    let place: QueuePlace?
}
