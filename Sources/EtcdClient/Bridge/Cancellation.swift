internal import CGRPCBridge

/// The order to end what blocks, given once and for all from any thread.
///
/// Make one, hand it to a `Watcher` or a `LeaseKeepAlive`, and keep it: `cancel()` ends the call that the other thread blocks
/// in, at once. One cancellation may serve several of them.
@safe
public final class Cancellation: Sendable {
    // The C object locks for itself, and nothing but this object frees it.
    nonisolated(unsafe) private let raw: OpaquePointer

    /// Makes a cancellation that was not given yet.
    public init() {
        unsafe raw = cgb_cancellation_create().unsafelyUnwrapped
    }

    deinit {
        unsafe cgb_cancellation_destroy(raw)
    }

    /// Ends what it was handed to: present calls and those to come end with `.canceled`.
    public func cancel() {
        unsafe cgb_cancellation_cancel(raw)
    }

    /// Whether it was canceled.
    public var isCanceled: Bool {
        unsafe cgb_cancellation_is_canceled(raw)
    }

    /// Lends the C object for the length of a call; what is bound to it keeps this object too.
    func withRaw<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        unsafe body(raw)
    }
}
