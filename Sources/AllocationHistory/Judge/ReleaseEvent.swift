/// A DEL of an attachment, or a GC that did not spare it.
struct ReleaseEvent {
    /// The position of the call in the history.
    let call: Int
    /// The container and interface, as a small number.
    let attachment: Int
    /// When the call started, before which it has no effect.
    let start: Int64
    /// When the call ended.
    let end: Int64
    /// When it has had its effect at the latest; never, unless it was acknowledged.
    let latest: Int64
    /// Whether it certainly released what the attachment had.
    let isAcknowledged: Bool
}
