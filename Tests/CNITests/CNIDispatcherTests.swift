import CNI
import IPTypes
import JSON
import Testing

@Suite struct CNIDispatcherTests {
    // MARK: - Operations

    @Test func pluginIsMadeOfTheWholeInvocation() throws {
        let plugin = RecordingPlugin(answer: .success(try fullResult()))
        let input = configuration(.v040, #","prevResult":{"ips":[]}"#)
        _ = plugin.run(environment(.add, ["CNI_ARGS": "K8S_POD_NAME=pod"]), input)

        var arguments = CNIArguments()
        arguments.podName = "pod"
        let invocation = CNIInvocation(
            command: .add,
            containerID: "some-container-id",
            networkNamespace: "/some/netns/path",
            interfaceName: "eth0",
            arguments: arguments,
            path: "/some/cni/path",
            version: .v040,
            networkName: "net",
            configuration: try JSONValue(parsing: Array(input.utf8)),
            previousResult: .object(["ips": .array([])])
        )
        #expect(plugin.calls == [.make(invocation), .add])
    }

    @Test(arguments: CNIVersion.supported)
    func addPrintsTheResultInTheVersionOfTheConfiguration(_ version: CNIVersion) throws {
        let result = try fullResult()
        let outcome = RecordingPlugin(answer: .success(result)).run(environment(.add), configuration(version))
        #expect(outcome == ProcessOutcome(standardOutput: try result.encoded(for: version)))
    }

    @Test func addWithoutVersionSpeaksTheOldest() throws {
        let plugin = RecordingPlugin(answer: .success(try fullResult()))
        for input in [#"{"name":"net"}"#, #"{"name":"net","cniVersion":""}"#, #"{"name":"net","cniVersion":null}"#] {
            let outcome = plugin.run(environment(.add), input)
            #expect(outcome.standardOutput.text.hasPrefix(#"{"cniVersion":"0.1.0","dns":"#))
        }
    }

    @Test func resultThatTheVersionCannotExpressIsAnError() {
        let outcome = RecordingPlugin().run(environment(.add), configuration(.v020))
        #expect(
            failureText(outcome)
                == #"{"cniVersion":"0.2.0","code":1,"msg":"a result of CNI version 0.2.0 needs an IP address"}"#
        )
    }

    @Test(arguments: CNIVersion.supported, CNICommand.allCases)
    func everyCommandNeedsAVersionThatHasIt(_ version: CNIVersion, _ command: CNICommand) throws {
        let plugin = RecordingPlugin(answer: .success(try fullResult()))
        let outcome = plugin.run(environment(command), configuration(version, #","prevResult":{}"#))
        let first: CNIVersion =
            switch command {
            case .check: .v040
            case .garbageCollect, .status: .v110
            default: .v010
            }
        if version < first {
            let text = try #require(failureText(outcome))
            #expect(text.hasPrefix(#"{"cniVersion":"\#(version)","code":1,"#))
            #expect(text.hasSuffix(#""msg":"config version does not allow \#(command.rawValue)"}"#))
            #expect(plugin.calls.isEmpty)
        } else {
            #expect(outcome.exitStatus == 0)
            #expect(outcome.standardOutput.isEmpty == (command != .add && command != .version))
            #expect(outcome.standardError.isEmpty)
        }
    }

    @Test func deleteAsksForNoNamespaceAndNoPreviousResult() {
        let plugin = RecordingPlugin()
        let outcome = plugin.run(environment(.delete, ["CNI_NETNS": nil]), configuration(.v100))
        #expect(outcome == ProcessOutcome())
        #expect(plugin.calls.last == .delete)
    }

    @Test func checkGetsThePreviousResult() throws {
        let plugin = RecordingPlugin()
        let input = configuration(.v100, #","prevResult":{"ips":[{"address":"10.0.0.5/24","gateway":"10.0.0.1"}]}"#)
        #expect(plugin.run(environment(.check), input) == ProcessOutcome())
        let ip = CNIResult.IPConfiguration(
            address: try InterfaceAddress("10.0.0.5/24"),
            gateway: try IPAddress("10.0.0.1")
        )
        #expect(plugin.calls.last == .check(CNIResult(ips: [ip])))
    }

    @Test(arguments: ["", #","prevResult":null"#])
    func checkWithoutPreviousResultIsAnError(_ members: String) {
        let plugin = RecordingPlugin()
        let outcome = plugin.run(environment(.check), configuration(.v100, members))
        #expect(
            failureText(outcome) == """
                {"cniVersion":"1.0.0","code":7,\
                "details":"the runtime must pass the result of ADD in the configuration",\
                "msg":"CHECK needs prevResult"}
                """
        )
        #expect(plugin.calls.isEmpty)
    }

    @Test func checkWithMalformedPreviousResultIsAnError() {
        let plugin = RecordingPlugin()
        let input = configuration(.v100, #","prevResult":{"ips":[{"address":"nonsense"}]}"#)
        #expect(failureText(plugin.run(environment(.check), input))?.contains(#""code":7"#) == true)
        #expect(plugin.calls.isEmpty)
    }

    @Test(
        arguments: [
            ("", nil),
            (#","cni.dev/valid-attachments":null"#, nil),
            (#","cni.dev/attachments":[]"#, nil),
            (#","cni.dev/valid-attachments":[]"#, []),
            (
                #","cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"},{"containerID":"b","ifname":"net1"}]"#,
                [.init(containerID: "a", interfaceName: "eth0"), .init(containerID: "b", interfaceName: "net1")]
            ),
        ] as [(String, [CNIAttachment]?)]
    )
    func garbageCollectionGetsTheValidAttachments(_ members: String, _ attachments: [CNIAttachment]?) {
        let plugin = RecordingPlugin()
        let outcome = plugin.run(environment(.garbageCollect), configuration(.v110, members))
        #expect(outcome == ProcessOutcome())
        #expect(plugin.calls.last == .garbageCollect(attachments))
    }

    /// A value of the wrong type is code 6, one that is missing 7.
    @Test(arguments: [
        ("{}", 6), (#""""#, 6), ("0", 6), ("false", 6), ("[[]]", 6), ("[null]", 6), ("[{}]", 7),
        (#"[{"containerID":"a"}]"#, 7), (#"[{"ifname":"eth0"}]"#, 7),
        (#"[{"containerID":"a","ifname":"eth0"},{"containerID":"","ifname":"eth0"}]"#, 7),
        (#"[{"containerID":"a","ifname":7}]"#, 6), (#"[{"containerID":7,"ifname":"eth0"}]"#, 6),
    ])
    func malformedAttachmentsAreNeverAnEmptyList(_ list: String, _ code: Int) {
        let plugin = RecordingPlugin()
        let input = configuration(.v110, #","cni.dev/valid-attachments":\#(list)"#)
        let text = failureText(plugin.run(environment(.garbageCollect), input))
        #expect(text?.contains("\"code\":\(code),") == true, "\(text ?? "")")
        #expect(plugin.calls.isEmpty)
    }

    @Test(arguments: [CNICommand.add, .delete, .check, .garbageCollect, .status])
    func errorOfThePluginIsPrinted(_ command: CNICommand) {
        let plugin = RecordingPlugin(answer: .failure(CNIError(.unavailable, "etcd is away")))
        let outcome = plugin.run(environment(command), configuration(.v110, #","prevResult":{}"#))
        #expect(failureText(outcome) == #"{"cniVersion":"1.1.0","code":50,"msg":"etcd is away"}"#)
    }

    @Test func errorOfMakingThePluginIsPrinted() {
        let dispatcher = CNIDispatcher<RecordingPlugin>(about: "") { _ throws(CNIError) in
            throw CNIError(.invalidConfiguration, "no range")
        }
        let outcome = dispatcher.run(environment: environment(.status)) { () throws(CNIError) in
            Array(configuration(.v110).utf8)
        }
        #expect(failureText(outcome) == #"{"cniVersion":"1.1.0","code":7,"msg":"no range"}"#)
    }

    // MARK: - VERSION and about

    @Test(arguments: [
        ("", "1.1.0"),
        ("junk", "1.1.0"),
        ("[]", "1.1.0"),
        ("{}", "1.1.0"),
        (#"{"cniVersion":7}"#, "1.1.0"),
        (#"{"cniVersion":"9.9.9"}"#, "1.1.0"),
        (#"{"cniVersion":"0.4.0"}"#, "0.4.0"),
        (#"{"cniVersion":"0.1.0","name":"-"}"#, "0.1.0"),
    ])
    func versionAnswersToAnyInput(_ input: String, _ version: String) {
        let plugin = RecordingPlugin()
        let outcome = plugin.run(["CNI_COMMAND": "VERSION"], input)
        let json = """
            {"cniVersion":"\(version)",\
            "supportedVersions":["0.1.0","0.2.0","0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}
            """
        #expect(outcome == ProcessOutcome(standardOutput: Array(json.utf8)))
        #expect(plugin.calls.isEmpty)
    }

    @Test func versionAnswersWithoutInput() {
        let outcome = RecordingPlugin().run(["CNI_COMMAND": "VERSION"]) { () throws(CNIError) in
            throw CNIError(.io, "standard input is closed")
        }
        #expect(outcome.exitStatus == 0)
        #expect(outcome.standardOutput.text.hasPrefix(#"{"cniVersion":"1.1.0","#))
    }

    @Test(arguments: [[:], ["CNI_COMMAND": ""], ["CNI_PATH": "/x"]])
    func withoutCommandItTellsWhatItIs(_ environment: [String: String]) throws {
        let plugin = RecordingPlugin()
        let outcome = plugin.run(environment) { () throws(CNIError) in
            Issue.record("input is not to be read: it may be a terminal")
            return []
        }
        #expect(outcome.exitStatus == 0 && outcome.standardOutput.isEmpty && plugin.calls.isEmpty)
        let lines = outcome.standardError.text.split(separator: "\n", omittingEmptySubsequences: false)
        try #require(lines.count == 3)
        #expect(lines[0].hasPrefix("double 1.2.3 linux/"))
        #expect(lines[1] == "CNI protocol versions supported: 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0")
        #expect(lines[2].isEmpty)
    }

    // MARK: - Configuration

    @Test(arguments: [
        (
            "",
            #"1.1.0","code":6,"details":"line 1, column 1: input is empty","msg":"network configuration is not valid JSON""#
        ),
        ("[]", #"1.1.0","code":6,"msg":"network configuration must be an object, not an array""#),
        ("null", #"1.1.0","code":6,"msg":"network configuration must be an object, not null""#),
        (#"{"cniVersion":1}"#, #"1.1.0","code":6,"msg":"\"cniVersion\" must be a string, not a number""#),
        (
            #"{"cniVersion":"0.3.2","name":"net"}"#,
            """
            1.1.0","code":1,"details":"config is \\"0.3.2\\", plugin supports [\\"0.1.0\\", \\"0.2.0\\", \\"0.3.0\\", \
            \\"0.3.1\\", \\"0.4.0\\", \\"1.0.0\\", \\"1.1.0\\"]","msg":"incompatible CNI versions"
            """
        ),
        (#"{"cniVersion":"1.0.0"}"#, #"1.0.0","code":7,"msg":"missing network name""#),
        (#"{"cniVersion":"1.0.0","name":""}"#, #"1.0.0","code":7,"msg":"missing network name""#),
        (#"{"name":null}"#, #"0.1.0","code":7,"msg":"missing network name""#),
        (#"{"name":["a"]}"#, #"0.1.0","code":6,"msg":"\"name\" must be a string, not an array""#),
        (
            #"{"cniVersion":"0.4.0","name":"te%%st"}"#,
            #"0.4.0","code":7,"details":"te%%st","msg":"invalid characters found in network name""#
        ),
    ])
    func badConfiguration(_ input: String, _ json: String) {
        for command in [CNICommand.add, .delete] {
            let plugin = RecordingPlugin()
            #expect(failureText(plugin.run(environment(command), input)) == #"{"cniVersion":""# + json + "}")
            #expect(plugin.calls.isEmpty)
        }
    }

    @Test func unreadableInputIsAnError() {
        let outcome = RecordingPlugin().run(environment(.add)) { () throws(CNIError) in
            throw CNIError(.io, "standard input cannot be read")
        }
        #expect(failureText(outcome) == #"{"cniVersion":"1.1.0","code":5,"msg":"standard input cannot be read"}"#)
    }

    @Test func keysAreFoundInAnyCase() {
        let plugin = RecordingPlugin()
        let outcome = plugin.run(environment(.check), #"{"CNIVersion":"1.0.0","NAME":"net","PrevResult":{}}"#)
        #expect(outcome == ProcessOutcome())
    }

    /// What a failed run printed, or nil if it is not a failure in good form.
    private func failureText(_ outcome: ProcessOutcome) -> String? {
        outcome.exitStatus == 1 && outcome.standardError.isEmpty ? outcome.standardOutput.text : nil
    }
}
