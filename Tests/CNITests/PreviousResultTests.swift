import CNI
import IPTypes
import JSON
import Testing

@Suite struct PreviousResultTests {
    @Test(arguments: CNIVersion.supported)
    func readsWhatEachVersionPrints(_ version: CNIVersion) throws {
        let result = try fullResult()
        let json = try JSONValue(parsing: result.encoded(for: version))
        let read = try CNIResult(previousResult: json, version: version)
        #expect(read.ips == (version < .v030 ? [result.ips[0], result.ips[2]] : result.ips))
        #expect(read.routes.isEmpty && read.dns == .init())
    }

    @Test func readsTheResultOfAMainPlugin() throws {
        let json = """
            {"cniVersion":"1.0.0","interfaces":[{"name":"net1","mac":"c2:11:22:33:44:55","sandbox":"/var/run/netns/x"}],
             "ips":[{"interface":0,"Address":"10.0.0.5/24","gateway":""},{"address":"2001:DB8::5/64","gateway":null}],
             "routes":"unread","dns":7}
            """
        let read = try CNIResult(previousResult: JSONValue(parsing: Array(json.utf8)), version: .v100)
        #expect(read.ips.map(\.address.description) == ["10.0.0.5/24", "2001:db8::5/64"])
        #expect(read.ips.allSatisfy { $0.gateway == nil })
    }

    @Test(arguments: [
        ("{}", CNIVersion.v110), (#"{"ips":null}"#, .v040), (#"{"ips":[]}"#, .v100), ("{}", .v020),
        (#"{"ip4":null,"ip6":null}"#, .v010),
    ])
    func readsNoAddress(_ json: String, _ version: CNIVersion) throws {
        let read = try CNIResult(previousResult: JSONValue(parsing: Array(json.utf8)), version: version)
        #expect(read == CNIResult())
    }

    @Test(arguments: [
        ("7", CNIVersion.v110, 6, "a number"),
        (#"{"ips":{}}"#, .v110, 6, "an object"),
        (#"{"ips":["10.0.0.5/24"]}"#, .v040, 6, "ips[0]"),
        (#"{"ips":[{"address":5}]}"#, .v110, 6, #""address""#),
        (#"{"ips":[{"address":"10.0.0.5/24","gateway":[]}]}"#, .v110, 6, #""gateway""#),
        (#"{"ips":[{"gateway":"10.0.0.1"}]}"#, .v110, 7, #""address""#),
        (#"{"ips":[{"address":"10.0.0.5/24"},{"address":"10.0.0.500/24"}]}"#, .v110, 7, #"ips[1]: "10.0.0.500/24""#),
        (#"{"ips":[{"address":"10.0.0.5"}]}"#, .v110, 7, #""10.0.0.5""#),
        (#"{"ips":[{"address":"10.0.0.5/24","gateway":"x"}]}"#, .v110, 7, #""x""#),
        (#"{"ip4":[]}"#, .v020, 6, "ip4"),
        (#"{"ip6":{"ip":"fd00::/129"}}"#, .v010, 7, #""fd00::/129""#),
    ])
    func rejects(_ json: String, _ version: CNIVersion, _ code: Int, _ named: String) throws {
        let value = try JSONValue(parsing: Array(json.utf8))
        let error = try #require(throws: CNIError.self) { try CNIResult(previousResult: value, version: version) }
        #expect(error.code.rawValue == code)
        #expect(error.message.contains(named))
    }
}
