import AllocationHistory
import EtcdLab
import Testing

@Suite("The page of a run")
struct HTMLReportTests {
    private static let hostile = "<script>alert(\"1\")</script> & 'x' \u{1}\u{1b}]]> \u{fffe}é"
    private static let harmless = "<script>alert(\"1\")</script> & 'x' \u{fffd}\u{fffd}]]> \u{fffd}é"

    private func outline(_ history: History, replay: String = "replay") -> (page: String, outline: XMLOutline) {
        let violations = Judge().violations(in: history)
        let page = RunSummary(of: history, violations: violations).html(replayCommand: replay)
        return (page, XMLOutline(page))
    }

    @Test("An empty history and one of a single call give well-formed pages")
    func smallest() {
        var script = Script()
        let empty = outline(script.history).outline
        #expect(empty.failure == nil)
        #expect(!empty.elements.contains("svg"))
        script.add("a", 5...5, gets: 1)
        let single = outline(script.history).outline
        #expect(single.failure == nil)
        #expect(single.elements.contains("svg"))
    }

    @Test("Every text that comes from elsewhere is escaped")
    func escaping() {
        let text = Self.hostile
        let attachment = CallAttachment(container: text, interface: text)
        let address = HistoryAddress(domain: text, address: text)
        let call = Call(
            number: 1,
            verb: .add,
            node: text,
            network: text,
            attachment: attachment,
            pod: text,
            ranges: [],
            start: 0,
            end: 2_000_000,
            outcome: .succeeded(addresses: [address])
        )
        let malformed = Call(
            number: 2,
            verb: .add,
            node: text,
            network: text,
            attachment: attachment,
            pod: text,
            ranges: [],
            start: 0,
            end: 2_000_000,
            outcome: .malformed(text)
        )
        let history = History(
            plugin: text,
            seed: 3,
            plan: [text: text],
            ranges: [],
            calls: [call, malformed],
            faults: [FaultPeriod(kind: text, target: text, start: 0, end: 1_000_000)],
            beforeCleanup: StoreSnapshot(
                time: 5_000_000,
                records: [
                    StoredRecord(address: address, attachment: attachment, pod: text, node: text, isRetained: false)
                ],
                inconsistencies: [text]
            ),
            afterCleanup: nil
        )
        let (page, outline) = outline(history, replay: text)
        #expect(outline.failure == nil)
        #expect(!outline.elements.contains("script"))
        #expect(!page.contains("alert(\""))
        // Title, heading, evidence, plan (twice), fault (table and drawing), command.
        #expect(outline.text.ranges(of: Self.harmless).count >= 12)
    }

    @Test("The page needs nothing beside itself")
    func selfContained() {
        let (page, outline) = outline(Self.eventful())
        #expect(outline.failure == nil)
        for name in ["script", "link", "img", "iframe", "object", "image", "use"] {
            #expect(!outline.elements.contains(name))
        }
        #expect(
            !page.contains("http:") && !page.contains("https:") && !page.contains("url(") && !page.contains("@import")
        )
        #expect(page.contains("prefers-color-scheme: dark"))
    }

    @Test("Every fault has a band in both plots, and every failed call has a dot, unless there is one already")
    func marks() {
        let history = Self.eventful()
        let outline = outline(history).outline
        let classes = outline.attributes.compactMap { $0["class"] }
        #expect(classes.count { $0 == "fault" } == 2 * history.faults.count)
        #expect(classes.count { $0 == "label" } == history.faults.count)
        // One each is of the legend, and dots in the same place are one.
        let summary = RunSummary(of: history, violations: [])
        let killed = summary.failedCalls.count { $0.isKilled }
        let failed = summary.failedCalls.count - killed
        #expect((killed * 9 / 10...killed).contains(classes.count { $0 == "killed" } - 1))
        #expect((failed * 9 / 10...failed).contains(classes.count { $0 == "failed" } - 1))
    }

    @Test("No label of a fault covers another, however many there are", arguments: [1, 3, 12, 200])
    func labels(count: Int) {
        var script = Script()
        script.add("a", 0...60_000, gets: 1)
        script.faults = (0..<count).map {
            FaultPeriod(kind: "partition", target: "member \($0)", start: Int64($0) * 60_000_000_000 / 200, end: nil)
        }
        let outline = outline(script.history).outline
        #expect(outline.failure == nil)
        let labels = outline.attributes.filter { $0["class"] == "label" }.compactMap { attributes in
            attributes["x"].flatMap(Double.init).map { ($0, attributes["y"] ?? "") }
        }
        #expect(!labels.isEmpty)
        let shortest = count > 8 ? 6.0 : 100.0
        for (index, label) in labels.enumerated() {
            #expect(label.0 >= 64 && label.0 <= 944)
            for other in labels[..<index] where other.1 == label.1 {
                #expect(abs(other.0 - label.0) >= shortest)
            }
        }
    }

    /// A minute with faults, killed and failed calls.
    static func eventful() -> History {
        var generator = SplitMix64(seed: 3)
        var script = Script()
        script.ranges = [
            HistoryRange(
                domain: "",
                first: "10.0.0.1",
                last: "10.0.255.254",
                allocatableCount: 65_534,
                retainSeconds: 0
            )
        ]
        for number in 0..<6000 {
            let start = Int64(number) * 10 + Int64.random(in: 0...9, using: &generator)
            let isSlow = (20_000...26_000).contains(start) || (23_000...40_000).contains(start) && number % 3 == 0
            let length =
                isSlow ? Int64.random(in: 200...9000, using: &generator) : .random(in: 6...40, using: &generator)
            let times = start...start + length
            let outcome: CallOutcome? =
                isSlow && length > 8000
                ? .failed(code: 11, message: "etcd does not answer")
                : number % 97 == 0 ? .killed(signal: 9) : number == 4000 ? .malformed("exit 139") : nil
            let address = HistoryAddress(domain: "", address: "10.0.\(number / 250).\(number % 250 + 1)")
            script.add("c\(number)", times, outcome ?? .succeeded(addresses: [address]))
        }
        script.add("double", 50_000...50_010, gets: 51)
        script.faults = [
            FaultPeriod(kind: "freeze", target: "member 1", start: 20_000_000_000, end: 26_000_000_000),
            FaultPeriod(
                kind: "partition",
                target: "member 2 from the others",
                start: 23_000_000_000,
                end: 40_000_000_000
            ),
            FaultPeriod(kind: "kill", target: "member 3", start: 24_000_000_000, end: 24_000_000_000),
            FaultPeriod(kind: "clock", target: "node 7 +3600 s", start: 55_000_000_000, end: nil),
        ]
        return script.history
    }
}
