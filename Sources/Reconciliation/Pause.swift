internal import Glibc

/// Blocks the calling thread.
package enum Pause {
    /// Blocks for a number of milliseconds.
    package static func milliseconds(_ count: UInt32) {
        usleep(count * 1000)
    }
}
