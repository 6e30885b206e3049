internal import CGRPCBridge
internal import Glibc

/// What the gRPC core logs at level ERROR, kept in memory.
enum GRPCLog {
    /// Returns and forgets what was logged, one message a line; nil when nothing was.
    static func take() -> String? {
        guard let text = unsafe cgb_log_take() else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
