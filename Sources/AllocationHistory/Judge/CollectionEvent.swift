/// A GC call.
struct CollectionEvent {
    /// The position of the call in the history.
    let call: Int
    /// The attachments that it spares, or nil if that is not known.
    let valid: Set<CallAttachment>?
    /// When the call started.
    let start: Int64
    /// When the call ended.
    let end: Int64
    /// Whether it was acknowledged.
    let isAcknowledged: Bool

    /// When it has had its effect at the latest.
    var latest: Int64 {
        isAcknowledged ? end : .max
    }
}
