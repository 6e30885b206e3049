import CNI
import Testing

/// The rules of the environment, seen through the dispatcher.
///
/// The ideas are those of Go's `skel_test`.
@Suite struct CNIEnvironmentTests {
    @Test(
        arguments: [
            (CNICommand.add, ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"]),
            (.check, ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"]),
            (.delete, ["CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"]),
            (.garbageCollect, ["CNI_PATH"]),
            (.status, []),
            (.version, []),
        ],
        [nil, ""] as [String?]
    )
    func missingVariablesAreNamedTogether(_ rule: (CNICommand, [String]), _ absent: String?) {
        let (command, required) = rule
        let names = ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS", "CNI_PATH"]
        let all = failure(command, Dictionary(uniqueKeysWithValues: names.map { ($0, absent) }))
        let list = required.joined(separator: ",")
        #expect(all == (required.isEmpty ? nil : message("required env variables [\(list)] missing")))
        for name in names {
            let one = failure(command, [name: absent])
            #expect(one == (required.contains(name) ? message("required env variables [\(name)] missing") : nil))
        }
    }

    @Test(arguments: ["a", "0", "some-container-id", "A.b_c-9", String(repeating: "f", count: 64)])
    func goodContainerID(_ containerID: String) {
        #expect(failure(.add, ["CNI_CONTAINERID": containerID]) == nil)
    }

    @Test(arguments: ["some-%%container-id", "-a", ".", "_a", "a/b", "a b", "a\n", "é", "aé", "a\u{301}"])
    func badContainerID(_ containerID: String) {
        for command in [CNICommand.add, .check, .delete] {
            let error = failure(command, ["CNI_CONTAINERID": containerID])
            #expect(error?.contains(#""code":4,"#) == true)
            #expect(error?.contains(#""msg":"invalid characters in containerID""#) == true)
        }
        #expect(failure(.garbageCollect, ["CNI_CONTAINERID": containerID]) == nil)
    }

    @Test(arguments: ["e", "eth0", "123456789012345", "net1.100", "...", "ééééééé", "a-b@c"])
    func goodInterfaceName(_ name: String) {
        #expect(failure(.add, ["CNI_IFNAME": name]) == nil)
    }

    @Test(arguments: [
        ("1234567890123456", "is too long"),
        ("éééééééé", "is too long"),
        (".", "is . or .."),
        ("..", "is . or .."),
        ("test/test", "contains / or : or whitespace characters"),
        ("test:test", "contains / or : or whitespace characters"),
        ("test test", "contains / or : or whitespace characters"),
        ("eth0\n", "contains / or : or whitespace characters"),
        ("eth\u{a0}0", "contains / or : or whitespace characters"),
        ("a/\u{301}b", "contains / or : or whitespace characters"),
    ])
    func badInterfaceName(_ name: String, _ fault: String) {
        for command in [CNICommand.add, .check, .delete] {
            let error = failure(command, ["CNI_IFNAME": name])
            #expect(error?.contains(#""code":4,"#) == true)
            #expect(error?.contains(#""msg":"interface name \#(fault)""#) == true)
        }
        #expect(failure(.status, ["CNI_IFNAME": name]) == nil)
    }

    @Test func badArgumentsMatterToAttachmentsOnly() {
        let arguments = ["CNI_ARGS": "some;extra;args"]
        for command in [CNICommand.add, .check, .delete] {
            #expect(failure(command, arguments) == message("CNI_ARGS: pair 1 must be KEY=VALUE"))
        }
        for command in [CNICommand.garbageCollect, .status, .version] {
            #expect(failure(command, arguments) == nil)
        }
    }

    @Test(arguments: ["FOO", "add", "ADD ", "GC\0"])
    func unknownCommand(_ command: String) {
        let outcome = RecordingPlugin().run(["CNI_COMMAND": command], "")
        let escaped = command.replacing("\0", with: #"\u0000"#)
        #expect(
            outcome
                == ProcessOutcome(standardOutput: Array(message("unknown CNI_COMMAND: \(escaped)").utf8), exitStatus: 1)
        )
    }

    /// The error object of code 4, whose version is the latest since input has not been read.
    private func message(_ text: String) -> String {
        #"{"cniVersion":"1.1.0","code":4,"msg":"\#(text)"}"#
    }

    /// Runs a command on an environment with changes; returns what it prints if it fails, without calling the plugin.
    private func failure(_ command: CNICommand, _ changes: [String: String?]) -> String? {
        let plugin = RecordingPlugin()
        let outcome = plugin.run(environment(command, changes), configuration(.v110, #","prevResult":{}"#))
        guard outcome.exitStatus != 0 else { return nil }
        #expect(plugin.calls.isEmpty)
        return outcome.standardOutput.text
    }
}
