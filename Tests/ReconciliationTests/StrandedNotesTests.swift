import IPTypes
import JSON
import Testing

@testable import Whereabouts

/// ConfigMaps with notes of stranded allocations: names, keys and sizes that the API server takes.
@Suite struct StrandedNotesTests {
    private let candidate = StrandedCandidate(
        since: 1_800_000_000,
        reason: "interfaceHasOtherAddress",
        version: String(repeating: "f", count: 32)
    )

    private func read(_ notes: StrandedNotes) throws -> StrandedNotes {
        // As the API server returns it.
        var object = try #require(JSONObjectText(notes.json(namespace: "default")).members)
        guard case .object(var metadata)? = object["metadata"] else { throw CancellationError() }
        metadata["resourceVersion"] = .string("1")
        metadata["uid"] = .string("u")
        object["metadata"] = .object(metadata)
        return try #require(StrandedNotes(.object(object)))
    }

    private struct JSONObjectText {
        let members: [String: JSONValue]?

        init(_ value: JSONValue) throws {
            if case .object(let members) = try JSONValue(parsing: value.encoded()) {
                self.members = members
            } else {
                members = nil
            }
        }
    }

    @Test(arguments: [
        ("10.0.0.0-24", "10.0.0.7"), ("blue-node-a-10.0.0.0-28", "10.0.0.1"), ("fd00-1---64", "fd00:1::"),
        ("fd00-1---64", "fd00:1::ffff:0:1"), ("reservation/blue-10.0.0.7", "10.0.0.7"),
        ("reservation/blue-fd00-1--0", "fd00:1::"),
    ])
    func placesAreReadBack(domain: String, address: String) throws {
        let place = AllocationPlace(domain: domain, address: try IPAddress(address))
        var notes = StrandedNotes(of: StrandedNotes.subject(of: place))
        notes.note(candidate, of: place)
        for key in notes.texts.keys {
            // What a key of a ConfigMap may be.
            #expect(key.wholeMatch(of: /[-._a-zA-Z0-9]{1,253}/) != nil)
        }
        var back = try read(notes)
        #expect(back.candidates == [place: candidate])
        back.note(nil, of: place)
        #expect(back.texts.isEmpty)
    }

    @Test func aNameThatIsTooLongIsADigest() {
        let long = String(repeating: "a", count: 240)
        #expect(StrandedNotes.name(of: long).utf8.count <= 253)
        #expect(StrandedNotes.name(of: long) != StrandedNotes.name(of: long + "b"))
        #expect(StrandedNotes.name(of: "10.0.0.0-24") == "whereabouts-stranded-10.0.0.0-24")
    }

    @Test func asManyAsThereMayBeFitIntoAnObject() throws {
        var notes = StrandedNotes(of: "fd00-1---64")
        let first = try IPAddress("fd00:1::1")
        for number in 0..<3000 {
            let address = try #require(first.advanced(by: UInt128(number)))
            notes.note(candidate, of: AllocationPlace(domain: "fd00-1---64", address: address))
        }
        #expect(notes.texts.count == StrandedNotes.limit)
        #expect(notes.json(namespace: "default").encoded().count < 1 << 19)
        // One that is there is written anew all the same.
        let place = AllocationPlace(domain: "fd00-1---64", address: first)
        notes.note(StrandedCandidate(since: 1, reason: "podGone", version: "v"), of: place)
        #expect(notes.candidates[place]?.since == 1)
    }

    @Test func whatCanNotBeReadCountsAsNoNoteAndIsKnown() throws {
        let object = try JSONValue(
            parsing: Array(
                """
                {"metadata": {"resourceVersion": "1", "uid": "u", "annotations": {"whereabouts.cni.cncf.io/stranded-of": "10.0.0.0-24"}},
                 "data": {"010.000.000.001": "nonsense", "elsewhere": "{}"}}
                """.utf8
            )
        )
        let candidates = try #require(StrandedNotes(object)).candidates
        #expect(candidates.keys.map(\.address.description) == ["10.0.0.1"])
        #expect(candidates.values.allSatisfy { $0.version.isEmpty })
        #expect(StrandedNotes(JSONValue.object([:]))?.subject == nil)
    }
}
