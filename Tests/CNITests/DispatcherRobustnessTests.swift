import CNI
import JSON
import Testing

/// Whatever is on standard input, the run ends in one error object.
@Suite struct DispatcherRobustnessTests {
    static let valid = Array(
        configuration(
            .v110,
            #","prevResult":{"ips":[{"address":"10.0.0.5/24"}]},"cni.dev/valid-attachments":[],"x":[1.5e3,"\ud83d\ude00é"]"#
        ).utf8
    )

    @Test func validInputSucceeds() {
        for command in CNICommand.allCases {
            #expect(run(command, Self.valid).exitStatus == 0)
        }
    }

    @Test func everyTruncationFails() {
        for length in 0..<Self.valid.count {
            expectFailure(Array(Self.valid.prefix(length)))
        }
    }

    @Test func everyByteReplacedEndsWell() {
        for index in Self.valid.indices {
            for byte: UInt8 in [0x00, 0x22, 0x5C, 0x7B, 0x7D, 0x80, 0xFF] {
                var input = Self.valid
                input[index] = byte
                expectGoodEnd(run(.check, input))
            }
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func randomBytesFail(_ seed: UInt64) {
        var generator = SplitMix64(state: seed)
        for _ in 0..<20 {
            let count = Int.random(in: 0...200, using: &generator)
            expectFailure((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
        }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func randomTokensEndWell(_ seed: UInt64) {
        let tokens = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d83d", "\"name\"", "\"cniVersion\"", "\"1.1.0\"", "null",
            "true", "-", "0", "1e9", ".", " ", "\n", "\0", "é", "\"prevResult\"", "\"ips\"", "\"address\"",
        ]
        var generator = SplitMix64(state: seed)
        for _ in 0..<20 {
            let count = Int.random(in: 0...40, using: &generator)
            let input = (0..<count).map { _ in tokens.randomElement(using: &generator) ?? "" }.joined()
            for command in CNICommand.allCases {
                expectGoodEnd(run(command, Array(input.utf8)))
            }
        }
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":["])
    func deepNestingFails(_ open: String) {
        expectFailure(Array(String(repeating: open, count: 100_000).utf8))
        let nested = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        expectFailure(Array(configuration(.v110, ",\"x\":" + nested).utf8))
    }

    @Test(arguments: [
        #"{"name":"net","x":1e999}"#, #"{"name":"net","x":\#(String(repeating: "9", count: 10_000))}"#,
        #"{"name":"\ud800"}"#, #"{"name":"\udc00\ud800"}"#, #"{"\ud800":1}"#, "{\"name\":\"a\0b\"}", "\0", "{}\0",
        #"{"name":"a\u0000b"}"#, #"{"name":"net","cniVersion":"1.1.0\u0000"}"#, #"{"name":1e400}"#,
        #"{"cniVersion":{"cniVersion":{}}}"#, #""{}""#, "1", "nullnull",
    ])
    func oddInputFails(_ input: String) {
        expectFailure(Array(input.utf8))
    }

    private func run(_ command: CNICommand, _ input: [UInt8]) -> ProcessOutcome {
        RecordingPlugin().run(environment(command)) { () throws(CNIError) in input }
    }

    /// Expects the error object and nothing else from each command which reads a configuration.
    private func expectFailure(_ input: [UInt8]) {
        for command in CNICommand.allCases where command != .version {
            let outcome = run(command, input)
            #expect(outcome.exitStatus == 1, "\(input)")
            expectGoodEnd(outcome)
        }
    }

    /// Expects silence or one object, which is an error exactly if the run failed.
    private func expectGoodEnd(_ outcome: ProcessOutcome) {
        let output = outcome.standardOutput.isEmpty ? .null : try? JSONValue(parsing: outcome.standardOutput)
        #expect(output != nil && outcome.standardError.isEmpty)
        switch outcome.exitStatus {
        case 0: #expect(output?.member("code") == nil)
        case 1:
            #expect(
                output?.member("code") != nil && output?.member("msg") != nil && output?.member("cniVersion") != nil
            )
        default: Issue.record("exit status \(outcome.exitStatus)")
        }
    }
}
