import EtcdLab
import Testing

@testable import WhereaboutsBenchmarks

/// Programs run with exactly what they are given, and their ends are told.
@Suite struct ChildProcessTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory("benchmark-test")
    }

    private func shell(_ script: String, environment: [String: String] = [:]) -> Invocation {
        Invocation(
            executable: "/bin/sh",
            arguments: ["-c", script],
            environment: environment,
            output: scratch.path("output")
        )
    }

    @Test func theTimeIsThatOfTheProcess() throws {
        let usage = try ChildProcess.run(shell("i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; /bin/sleep 0.1"))
        #expect(usage.elapsed >= .milliseconds(100))
        #expect(usage.processorTime > .zero)
        #expect(usage.processorTime < usage.elapsed)
    }

    @Test func aFailureHasWhatTheProgramPrinted() {
        #expect {
            try ChildProcess.run(
                shell("echo \"$CNI_COMMAND failed\"; echo why >&2; exit 3", environment: ["CNI_COMMAND": "ADD"])
            )
        } throws: { error in
            "\(error)".contains("ended with status 3: ADD failed\nwhy")
        }
    }

    @Test func aSignalIsNoStatus() {
        #expect {
            try ChildProcess.run(shell("kill -9 $$"))
        } throws: { error in
            "\(error)".contains("was ended by signal 9")
        }
    }

    @Test func whatCannotBeStartedIsTold() {
        #expect(throws: InvocationFailure.self) {
            try ChildProcess.run(Invocation(executable: "/none", output: scratch.path("output")))
        }
    }

    @Test func aCrowdRunsLanesAtOnceAndEachInTurn() throws {
        let crowd = Crowd(Array(repeating: [shell("/bin/sleep 0.2"), shell("/bin/sleep 0.2")], count: 10))
        #expect(crowd.usages.count == 20)
        #expect(crowd.slowestLane >= .milliseconds(400))
        // One after the other they would take four seconds.
        #expect(crowd.elapsed < .seconds(3))
    }

    @Test func aCrowdTellsWhichCallsFailed() {
        let crowd = Crowd([shell("exit 0"), shell("exit 1"), shell("exit 0")])
        #expect(crowd.usages.count == 2)
        #expect(crowd.failures.count == 1)
        #expect(throws: InvocationFailure.self) { try crowd.withoutFailures() }
    }
}
