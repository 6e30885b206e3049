/// An ADD that took effect or may have, as the reasoning about intervals sees it.
struct AddEvent {
    /// The position of the call in the history.
    let call: Int
    /// The container and interface, as a small number.
    let attachment: Int
    /// What it asks for (network and ranges), as a small number: only an ADD of the same shape takes over all of another's addresses.
    let shape: Int
    /// When the call started, before which it has no effect.
    let start: Int64
    /// When the call ended.
    let end: Int64
    /// When it has had its effect at the latest: its end if it was acknowledged.
    ///
    /// What a killed process sent may arrive later, but not behind an acknowledged DEL of the container: a plugin must
    /// see to that, or leaks.
    let latest: Int64
    /// Whether it certainly had its effect.
    let isAcknowledged: Bool
    /// What it returned, as small numbers in order; empty if it was not acknowledged.
    let addresses: [Int]
}
