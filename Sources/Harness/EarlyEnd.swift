internal import Glibc
internal import Synchronization

/// A person's wish, by SIGINT or SIGTERM, that a run end now and tell what it has seen so far.
enum EarlyEnd {
    private static let signal = Atomic<Int32>(0)

    /// The signal that asked for it; nil while none did.
    static var requested: Int32? {
        let number = signal.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Takes such signals from now on; a second one ends the process at once.
    ///
    /// A handler and not `SIG_IGN`, which plugins would inherit.
    static func accept() {
        for number in [SIGINT, SIGTERM] {
            Glibc.signal(number) { number in
                guard EarlyEnd.signal.exchange(number, ordering: .relaxed) == 0 else { _exit(128 + number) }
            }
        }
    }
}
