internal import AllocationHistory
internal import Synchronization

/// Writes down what happens in a run.
final class Recorder: Sendable {
    /// What the progress line shows.
    struct Figures: Sendable {
        var calls = 0
        /// The calls that the harness killed.
        var killed = 0
        /// The calls that were neither acknowledged nor killed.
        var failed = 0
        /// The ADDs that were acknowledged.
        var attachments = 0
        var faultPeriods = 0
        /// The times of the calls that ended since the last look and were not killed, in nanoseconds.
        var recent: [Int64] = []
        /// What is broken at the moment.
        var broken: [String] = []
    }

    private struct State {
        var calls: [Call] = []
        var nextNumber = 0
        var faults: [(kind: String, target: String, start: Int64, end: Int64?)] = []
        var figures = Figures()
        /// The attachments that have begun and not been noted.
        var pendingAttachments = 0
        var undeleted: [String] = []
        var troubles: [String] = []
        var remarks: [String] = []

        var attachmentsBegun: Int { figures.attachments + pendingAttachments }
    }

    /// After how many calls without any success nothing is expected any more.
    private static let patience = 100

    private let begin = ContinuousClock.now
    private let state = Mutex(State())

    /// The time since the run began, in nanoseconds.
    var now: Int64 {
        let elapsed = (ContinuousClock.now - begin).components
        return elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000
    }

    /// A number for a call that begins.
    func number() -> Int {
        state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
    }

    /// Begins an attachment, whose ADD is then to be made and noted; false when so many have succeeded or may yet.
    func beginAttachment(of limit: Int) -> Bool {
        state.withLock { state in
            guard state.attachmentsBegun < limit else { return false }
            state.pendingAttachments += 1
            return true
        }
    }

    /// Notes a call that has ended.
    func note(_ call: Call) {
        state.withLock { state in
            state.calls.append(call)
            state.figures.calls += 1
            if call.verb == .add {
                state.pendingAttachments -= 1
                state.figures.attachments += call.outcome.isSuccess ? 1 : 0
            }
            if call.outcome.isKilled {
                state.figures.killed += 1
                return
            }
            state.figures.failed += call.outcome.isSuccess ? 0 : 1
            state.figures.recent.append(call.end - call.start)
        }
    }

    /// Notes the beginning of a fault, and returns what ends it.
    func beginFault(_ kind: String, _ target: String) -> Int {
        let now = now
        return state.withLock { state in
            state.faults.append((kind, target, now, nil))
            state.figures.faultPeriods += 1
            state.figures.broken.append(kind)
            return state.faults.count - 1
        }
    }

    /// Notes the end of a fault.
    func endFault(_ index: Int) {
        let now = now
        state.withLock { state in
            state.faults[index].end = now
            let kind = state.faults[index].kind
            if let position = state.figures.broken.firstIndex(of: kind) { state.figures.broken.remove(at: position) }
        }
    }

    /// Notes what went wrong with the run itself.
    func noteTrouble(_ text: String) {
        state.withLock { $0.troubles.append(text) }
    }

    /// Notes what the run did otherwise than it was meant to, and its verdict does not depend on.
    func noteRemark(_ text: String) {
        state.withLock { $0.remarks.append(text) }
    }

    /// Notes an attachment that could not be deleted.
    func noteUndeleted(_ text: String) {
        state.withLock { $0.undeleted.append(text) }
    }

    /// Whether the plugin has failed so often, and done nothing else, that more of it tells nothing.
    var isHopeless: Bool {
        state.withLock { state in
            let figures = state.figures
            return figures.calls >= Self.patience && figures.calls == figures.failed + figures.killed
        }
    }

    /// What the run did otherwise than it was meant to.
    var remarks: [String] { state.withLock { $0.remarks } }

    /// What went wrong with the run itself.
    var troubles: [String] {
        state.withLock { state in
            guard let first = state.undeleted.first else { return state.troubles }
            let count = state.undeleted.count
            return state.troubles
                + [
                    "\(count) \(count == 1 ? "attachment" : "attachments") could not be deleted, the first being \(first)."
                ]
        }
    }

    /// The number of ADDs that have succeeded or may yet.
    var attachmentsBegun: Int { state.withLock { $0.attachmentsBegun } }

    /// The figures since the last look.
    func takeFigures() -> Figures {
        state.withLock { state in
            defer { state.figures.recent = [] }
            return state.figures
        }
    }

    /// All that was written down, in the order of the beginnings.
    var contents: (calls: [Call], faults: [FaultPeriod]) {
        state.withLock { state in
            (
                state.calls.sorted { $0.number < $1.number },
                state.faults.map { FaultPeriod(kind: $0.kind, target: $0.target, start: $0.start, end: $0.end) }
            )
        }
    }
}
