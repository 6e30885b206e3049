import Synchronization

/// How calls fared under each fault.
final class StormReport: Sendable, CustomStringConvertible {
    private struct Figures {
        var successes = 0
        var failures = 0
        var longestCall = Duration.zero
        var longestOperation = Duration.zero
        var lastFailure = ""
    }

    private struct State {
        var title = "before"
        var titles: [String] = ["before"]
        var figures: [String: Figures] = [:]
    }

    private let state = Mutex(State())

    /// Calls that end from now on belong to another fault.
    func begin(_ title: String) {
        state.withLock { state in
            state.title = title
            if !state.titles.contains(title) {
                state.titles.append(title)
            }
        }
    }

    /// Notes a call that succeeded, with the time of all calls that it took.
    func noteSuccess(call: Duration, operation: Duration) {
        note {
            $0.successes += 1
            $0.longestCall = max($0.longestCall, call)
            $0.longestOperation = max($0.longestOperation, operation)
        }
    }

    /// Notes a call that failed.
    func noteFailure(call: Duration, _ text: String) {
        note {
            $0.failures += 1
            $0.longestCall = max($0.longestCall, call)
            $0.lastFailure = text
        }
    }

    /// The number of calls that succeeded.
    var successes: Int {
        state.withLock { $0.figures.values.reduce(0) { $0 + $1.successes } }
    }

    private func note(_ change: (inout Figures) -> Void) {
        state.withLock { change(&$0.figures[$0.title, default: Figures()]) }
    }

    /// The figures, fault by fault.
    var description: String {
        state.withLock { state in
            state.titles.compactMap { title in
                state.figures[title].map { figures in
                    "\(title): \(figures.successes) calls, \(figures.failures) repeated, longest call "
                        + "\(figures.longestCall), longest with repetitions \(figures.longestOperation)"
                        + (figures.lastFailure.isEmpty ? "" : ", last failure: \(figures.lastFailure)")
                }
            }.joined(separator: "\n")
        }
    }
}
