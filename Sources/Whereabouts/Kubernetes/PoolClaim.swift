internal import IPAM
internal import IPTypes

/// An address that meets a demand, and is its owner's.
struct PoolClaim {
    /// The demand, or the fallback of it that the address is of.
    let demand: AllocationRequest.Demand
    let address: IPAddress
    /// Whether the owner did not have it before.
    let isNew: Bool
    /// How long it took to add the entry, when others had changed the pool since the address was reserved; nil when none had.
    var lateness: Duration?
}
