internal import IPAM
internal import IPTypes

/// One demand of a request, on its way to be met.
struct OpenDemand {
    let demand: AllocationRequest.Demand
    /// The pools of its choices, as they were read first.
    let pools: [PoolObject]
    /// What its owner has already, by the pools' entries.
    let held: IPAddress?
    /// What meets it.
    var claim: PoolClaim?

    /// The address that is not for the request's other demands.
    var address: IPAddress? { claim?.address ?? held }
}
