internal import EtcdClient
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

    /// Has the process end some time behind the first signal in any case: what is under way may hang as long as a server does, and may end at any
    /// moment.
    ///
    /// - Parameters:
    ///   - milliseconds: The time that it has to end by itself.
    ///   - status: The status that it ends with, by the signal.
    package static func endProcess(within milliseconds: UInt32, _ status: @escaping @Sendable (Int32) -> Int32) {
        BlockingThread.start {
            while true {
                Pause.milliseconds(100)
                guard let number = received else { continue }
                Pause.milliseconds(milliseconds)
                _exit(status(number))
            }
        }
    }

    /// The signal; nil for none.
    package static var received: Int32? {
        let number = signalNumber.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }
}
