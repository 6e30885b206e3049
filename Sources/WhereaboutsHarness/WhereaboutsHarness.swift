internal import ArgumentParser
internal import Harness

@main enum WhereaboutsHarness {
    static func main() async {
        await HarnessCommand.main()
    }
}
