internal import Dispatch
internal import EtcdClient
internal import Synchronization

/// What threads ring and another one waits for; ringing it twice is ringing it.
final class Bell: Sendable {
    private let isRung = Mutex(false)
    private let semaphore = DispatchSemaphore(value: 0)

    /// Rings.
    func ring() {
        let wasRung = isRung.withLock { isRung in
            defer { isRung = true }
            return isRung
        }
        if !wasRung { semaphore.signal() }
    }

    /// Waits until it rings, or the deadline passes.
    func wait(until deadline: Deadline) {
        let seconds = max(0, deadline.remaining / .seconds(1))
        _ = semaphore.wait(timeout: .now() + seconds)
    }

    /// Forgets that it was rung, so that it can ring again.
    func silence() {
        isRung.withLock { $0 = false }
    }
}
