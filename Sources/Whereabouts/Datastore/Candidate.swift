internal import IPTypes

/// An address that an allocation may claim.
struct Candidate: Hashable {
    let address: IPAddress
    /// Whether the address lies above the pool's frontier, which then moves up to it when it is claimed.
    let raisesFrontier: Bool
}
