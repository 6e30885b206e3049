import AllocationHistory
import Testing

@Suite("Stored form of a history")
struct HistoryJSONTests {
    private let attachment = CallAttachment(container: "c1", interface: "net1")
    private let address = HistoryAddress(domain: "", address: "10.0.0.1")

    private func history(outcomes: [CallOutcome]) -> History {
        History(
            plugin: "whereabouts",
            seed: .max,
            plan: ["nodes": "3"],
            ranges: [
                HistoryRange(
                    domain: "",
                    first: "10.0.0.1",
                    last: "10.0.0.9",
                    allocatableCount: .max,
                    retainSeconds: 0
                )
            ],
            calls: outcomes.enumerated().map { index, outcome in
                Call(
                    number: index,
                    verb: Verb.allCases[index % Verb.allCases.count],
                    node: "node-1",
                    network: "net",
                    attachment: attachment,
                    pod: index % 2 == 0 ? "ns/pod" : nil,
                    ranges: [0],
                    validAttachments: index % 2 == 0 ? nil : [attachment],
                    start: Int64(index),
                    end: .max,
                    outcome: outcome
                )
            },
            faults: [FaultPeriod(kind: "kill", target: "member 1", start: 1, end: nil)],
            beforeCleanup: StoreSnapshot(
                time: 9,
                records: [
                    StoredRecord(address: address, attachment: attachment, pod: nil, node: "n", isRetained: true)
                ],
                indexKeyCount: 3,
                inconsistencies: ["a key without a record"]
            ),
            afterCleanup: nil
        )
    }

    @Test("Every outcome and field survives a round trip, and equal histories have equal texts")
    func roundTrip() throws {
        let history = history(outcomes: [
            .succeeded(addresses: [address]), .succeeded(addresses: []), .failed(code: 11, message: "later \"\u{1}<&"),
            .malformed("exit 2"), .killed(signal: 9), .unfinished(afterMilliseconds: 60_000), .leaked("password"),
        ])
        let json = history.json()
        let read = try History(json: json)
        #expect(read == history)
        #expect(read.json() == json)
    }

    @Test("A history that does not say how many index keys there were is read")
    func withoutIndexKeys() throws {
        let json = String(decoding: history(outcomes: []).json(), as: UTF8.self)
        let read = try History(json: Array(json.replacing(#""indexKeyCount":3,"#, with: "").utf8))
        #expect(read.beforeCleanup?.indexKeyCount == nil)
        #expect(read.beforeCleanup?.records.count == 1)
    }

    @Test("Another format version is refused by its number, whatever else the text holds")
    func otherVersion() {
        #expect(throws: HistoryError.unknownFormat(version: 2)) {
            try History(json: Array(#"{"formatVersion": 2, "calls": "gone"}"#.utf8))
        }
        #expect("\(HistoryError.unknownFormat(version: 2))".contains("version 2"))
    }

    @Test("What is no history is refused", arguments: ["", "[]", "{}", #"{"formatVersion": 1}"#])
    func malformed(text: String) {
        #expect {
            try History(json: Array(text.utf8))
        } throws: {
            if case HistoryError.malformed = $0 { true } else { false }
        }
    }

    @Test("A history that contradicts itself is refused")
    func contradictory() {
        let call = Call(
            number: 3,
            verb: .add,
            node: "n",
            network: "net",
            attachment: attachment,
            pod: nil,
            ranges: [1],
            start: 5,
            end: 4,
            outcome: .killed(signal: 9)
        )
        let history = History(
            plugin: "p",
            seed: 1,
            plan: [:],
            ranges: [],
            calls: [call],
            faults: [],
            beforeCleanup: nil,
            afterCleanup: nil
        )
        #expect(throws: HistoryError.contradictory("call 3 ends before it starts")) {
            try History(json: history.json())
        }
    }
}
