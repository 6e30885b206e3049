internal import ArgumentParser
internal import Glibc
internal import Harness

@main enum WhereaboutsHarness {
    static func main() async {
        // A plugin that is killed leaves its pipe without a reader. A handler, since what is ignored plugins would inherit.
        signal(SIGPIPE) { _ in }
        await HarnessCommand.main()
    }
}
