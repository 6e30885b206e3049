internal import ArgumentParser
internal import Glibc
internal import Harness

@main enum WhereaboutsHarness {
    static func main() async {
        // A plugin that is killed leaves its pipe without a reader. A handler, since what is ignored plugins would inherit.
        signal(SIGPIPE, ignore)
        await HarnessCommand.main()
    }
}

/// Does nothing about a signal, on whatever thread it comes: a closure in `main` would be the main thread's.
private func ignore(_: Int32) {}
