import Testing

@testable import Whereabouts

@Suite struct ProgramCommandTests {
    @Test(
        arguments: [
            (["validate"], .validate(file: nil)), (["validate", "-"], .validate(file: nil)),
            (["validate", "a.conf"], .validate(file: "a.conf")), (["--help"], .help), (["-h"], .help),
            (["help"], .help), (["validate", "--help"], .help), (["--version"], .version),
        ] as [([String], ProgramCommand)]
    )
    func argumentsAreUnderstood(arguments: [String], command: ProgramCommand) throws {
        #expect(try ProgramCommand(arguments) == command)
    }

    @Test(arguments: [
        (["check"], #"there is no command "check""#), (["--file"], #"there is no command "--file""#),
        (["validate", "-v"], #"validate has no option "-v""#), (["validate", "a", "b"], "validate takes one file"),
    ])
    func othersAreRefused(arguments: [String], reason: String) {
        #expect(throws: UsageError(reason: reason)) { try ProgramCommand(arguments) }
    }
}
