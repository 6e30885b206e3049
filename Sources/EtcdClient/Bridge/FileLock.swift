internal import Glibc
package import SystemPackage

/// A lock among this host's processes, which ends with the process that has it (flock(2)).
package enum FileLock {
    /// Whether a lock was taken, and what that took.
    package enum Turn: Hashable, Sendable {
        /// Nobody had it.
        case atOnce
        /// Somebody had it before.
        case afterOthers
        /// Somebody still had it when the patience ended.
        case outOfPatience
        /// The file can't be had, or not be locked.
        case unavailable(Errno)
    }

    /// How long is waited before the lock is tried again, in microseconds.
    private static let (shortestPause, longestPause): (UInt32, UInt32) = (500, 16_000)

    /// Runs `body` while no other process has a file locked; it is told when that is not so.
    ///
    /// - Parameters:
    ///   - path: The file, which is made if it is missing.
    ///   - patience: How long others are waited for.
    ///   - body: What is to be done.
    /// - Returns: What `body` returns.
    /// - Throws: What `body` throws.
    package static func exclusively<Result, Failure: Error>(
        _ path: FilePath,
        patience: Deadline,
        _ body: (Turn) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(
                path,
                .readOnly,
                options: [.create, .noFollow, .nonBlocking, .closeOnExec],
                permissions: .ownerReadWrite
            )
        } catch {
            return try body(.unavailable(error as? Errno ?? .ioError))
        }
        // Closing the file lets go of the lock, as the end of the process does.
        defer { try? file.close() }
        var turn = Turn.atOnce
        var longest = shortestPause
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            let error = Errno(rawValue: errno)
            guard error == .wouldBlock || error == .interrupted else { return try body(.unavailable(error)) }
            guard !patience.hasPassed else { return try body(.outOfPatience) }
            turn = .afterOthers
            // By chance, so that of many who wait one is there soon; the longer, the less they disturb those at work.
            usleep(.random(in: shortestPause...longest))
            longest = min(longest * 2, longestPause)
        }
        return try body(turn)
    }
}
