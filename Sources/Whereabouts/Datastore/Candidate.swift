import IPTypes

/// An address that an allocation may claim.
struct Candidate: Hashable {
    let address: IPAddress
    /// Where the pool's mark moves when the address is claimed, nil to leave it: the frontier to an address up to which all have been
    /// given out, the address itself among them, or in a pool that goes round the mark to the address itself.
    let mark: IPAddress?
}
