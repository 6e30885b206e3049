internal import IPTypes

/// An address that an allocation may claim.
struct Candidate: Hashable {
    let address: IPAddress
    /// Whether the pool's mark moves to the address when it is claimed: the frontier because the address lies above it, or in a pool
    /// that goes round the one that was given out last.
    let movesMark: Bool
}
