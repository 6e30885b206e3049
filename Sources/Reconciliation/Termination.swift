internal import Glibc
internal import Synchronization

/// Whether the process was told to end by SIGINT or SIGTERM; what is under way ends between two steps, and at once by the second signal.
package enum Termination {
    private static let signalNumber = Atomic<Int32>(0)

    /// Takes the signals; the first process of a container is ended by those only that it handles.
    package static func handleSignals() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                if Termination.signalNumber.exchange(number, ordering: .relaxed) != 0 { _exit(128 + number) }
            }
        }
    }

    /// Ends the process with status 0, whatever its threads do.
    package static func endProcess() -> Never {
        _exit(0)
    }

    /// The signal; nil for none.
    package static var received: Int32? {
        let number = signalNumber.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
