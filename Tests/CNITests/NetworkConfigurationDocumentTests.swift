import CNI
import Testing

/// What a file of a configuration directory holds.
@Suite struct NetworkConfigurationDocumentTests {
    private func entries(_ text: String) throws -> [NetworkConfigurationDocument.Entry] {
        try NetworkConfigurationDocument(parsing: Array(text.utf8)).entries
    }

    @Test func aConfigurationStandsAlone() throws {
        let text = #"{"cniVersion": "0.4.0", "name": "lab", "ipam": {"type": "x"}, "plugins": null}"#
        let entry = try #require(try entries(text).first)
        #expect(entry.index == nil)
        #expect(entry.ipamType == "x")
        let invocation = try entry.invocation()
        #expect(invocation.command == .add)
        #expect(invocation.version == .v040)
        #expect(invocation.networkName == "lab")
    }

    @Test func eachPluginOfAListGetsItsNameAndVersion() throws {
        let entries = try entries(
            """
            {"CNIVersion": "1.0.0", "Name": "lab", "Plugins": [{"type": "a", "NAME": "other", "cniVersion": "9"}, {"ipam": {}}]}
            """
        )
        #expect(entries.map(\.index) == [0, 1])
        #expect(entries.map(\.ipamType) == [nil, nil])
        for entry in entries {
            let invocation = try entry.invocation()
            #expect(invocation.version == .v100)
            #expect(invocation.networkName == "lab")
        }
    }

    @Test(arguments: [
        ("{", 6, "not valid JSON"), ("7", 6, "must be an object, not a number"),
        (#"{"plugins": {}}"#, 6, #""plugins" must be an array, not an object"#),
        (#"{"plugins": [{}, 7]}"#, 6, "plugins[1] must be an object, not a number"),
        (#"{"cniVersion": "9.0.0", "name": "lab"}"#, 1, "incompatible CNI versions"),
        (#"{"name": ""}"#, 7, "missing network name"),
        (#"{"plugins": [{"name": "lab"}]}"#, 7, "missing network name"),
        (#"{"name": "a b"}"#, 7, "invalid characters found in network name"),
    ])
    func whatIsNoneIsRefused(text: String, code: Int, message: String) throws {
        let error = #expect(throws: CNIError.self) { try entries(text).map { try $0.invocation() } }
        #expect(error?.code.rawValue == code)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    }
}
