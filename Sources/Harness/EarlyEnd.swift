internal import Glibc
internal import Synchronization

/// A person's wish, by SIGINT or SIGTERM, that a run end now and tell what it has seen so far.
enum EarlyEnd {
    private static let signal = Atomic<Int32>(0)
    /// When it came, in seconds since such signals are taken; zero while none did.
    private static let moment = Atomic<Int>(0)
    private static let start = ContinuousClock.now

    /// The signal that asked for it; nil while none did.
    static var requested: Int32? {
        let number = signal.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Takes such signals from now on; another one two seconds later or more ends the process at once.
    ///
    /// What comes sooner is the same wish: `timeout` signals the process and then its group, and a terminal every process there. It is a
    /// handler and not `SIG_IGN`, which plugins would inherit.
    static func accept() {
        _ = start
        for number in [SIGINT, SIGTERM] {
            Glibc.signal(number) { number in
                // From one on: zero says that none came yet.
                let moment = Int(EarlyEnd.start.duration(to: .now).components.seconds) + 1
                let first = EarlyEnd.moment.compareExchange(expected: 0, desired: moment, ordering: .relaxed)
                if first.exchanged {
                    EarlyEnd.signal.store(number, ordering: .relaxed)
                } else if moment - first.original >= 2 {
                    _exit(128 + number)
                }
            }
        }
    }
}
