internal import Glibc

/// Pauses between the tries of a call that keeps losing races.
enum Backoff {
    /// Blocks for up to 64 milliseconds, by chance; not at all before the third try, since the first losses tell what to try
    /// next.
    static func pause(tries: Int) {
        guard tries >= 3 else { return }
        usleep(.random(in: 0...(1_000 << UInt32(min(tries - 3, 6)))))
    }
}
