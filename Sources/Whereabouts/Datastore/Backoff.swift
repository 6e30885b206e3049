internal import Glibc

/// Pauses between the tries of a call that keeps losing races.
enum Backoff {
    /// Blocks for up to 64 milliseconds, by chance, and returns whether it did.
    ///
    /// It does not before the third try, since the first losses tell what to try next.
    @discardableResult
    static func pause(tries: Int) -> Bool {
        guard tries >= 3 else { return false }
        usleep(.random(in: 0...(1_000 << UInt32(min(tries - 3, 6)))))
        return true
    }
}
