internal import Foundation

/// One start of a process at a time.
///
/// Foundation's pipes are open in every process that is started between their making and the next look at what is open (Swift 6.3.1 on
/// Linux): Of two starts at once, the one process would hold an end of the other one's pipes. Whoever waits for that one's end, or it for ours, would
/// then wait for both, and forever where the holder is a server for the rest of the tests.
enum ProcessStart {
    private static let lock = NSLock()

    /// Runs a function that makes pipes and starts a process with them.
    static func exclusively<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.lock()
        defer { lock.unlock() }
        return try body()
    }
}
