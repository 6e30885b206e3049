import AllocationHistory

/// A history written down call by call; times are in milliseconds.
struct Script {
    var ranges = [
        HistoryRange(domain: "", first: "10.0.0.1", last: "10.0.0.9", allocatableCount: 9, retainSeconds: 0)
    ]
    private(set) var calls: [Call] = []
    var faults: [FaultPeriod] = []
    var before: StoreSnapshot?
    var after: StoreSnapshot?

    static func addresses(_ numbers: [Int]) -> [HistoryAddress] {
        numbers.map { HistoryAddress(domain: "", address: "10.0.0.\($0)") }
    }

    static func attachment(_ container: String) -> CallAttachment {
        CallAttachment(container: container, interface: "net1")
    }

    static func record(_ number: Int, _ container: String, pod: String? = nil, isRetained: Bool = false) -> StoredRecord
    {
        StoredRecord(
            address: HistoryAddress(domain: "", address: "10.0.0.\(number)"),
            attachment: attachment(container),
            pod: pod,
            node: "n1",
            isRetained: isRetained
        )
    }

    mutating func call(
        _ verb: Verb,
        _ container: String,
        pod: String? = nil,
        _ times: ClosedRange<Int64>,
        ranges: [Int] = [],
        valid: [String]? = nil,
        _ outcome: CallOutcome
    ) {
        calls.append(
            Call(
                number: calls.count + 1,
                verb: verb,
                node: "n1",
                network: "net",
                attachment: Self.attachment(container),
                pod: pod,
                ranges: ranges,
                validAttachments: valid?.map(Self.attachment),
                start: times.lowerBound * 1_000_000,
                end: times.upperBound * 1_000_000,
                outcome: outcome
            )
        )
    }

    /// An ADD that returned addresses, of the first range unless others are named.
    mutating func add(_ container: String, pod: String? = nil, _ times: ClosedRange<Int64>, gets numbers: Int...) {
        call(.add, container, pod: pod, times, ranges: [0], .succeeded(addresses: Self.addresses(numbers)))
    }

    /// An ADD that ended otherwise.
    mutating func add(_ container: String, pod: String? = nil, _ times: ClosedRange<Int64>, _ outcome: CallOutcome) {
        call(.add, container, pod: pod, times, ranges: [0], outcome)
    }

    /// A DEL, acknowledged unless said otherwise.
    mutating func delete(
        _ container: String,
        pod: String? = nil,
        _ times: ClosedRange<Int64>,
        _ outcome: CallOutcome = .succeeded(addresses: [])
    ) {
        call(.delete, container, pod: pod, times, outcome)
    }

    /// A GC that spares some containers, or of which it is not known what it spares.
    mutating func collect(
        _ times: ClosedRange<Int64>,
        valid: [String]?,
        outcome: CallOutcome = .succeeded(addresses: [])
    ) {
        call(.collect, "", times, valid: valid, outcome)
    }

    mutating func snapshot(_ time: Int64, _ records: StoredRecord..., inconsistencies: [String] = []) {
        before = StoreSnapshot(time: time * 1_000_000, records: records, inconsistencies: inconsistencies)
    }

    mutating func cleanedUp(_ time: Int64, _ records: StoredRecord...) {
        after = StoreSnapshot(time: time * 1_000_000, records: records, inconsistencies: [])
    }

    var history: History {
        History(
            plugin: "double",
            seed: 7,
            plan: [:],
            ranges: ranges,
            calls: calls,
            faults: faults,
            beforeCleanup: before,
            afterCleanup: after
        )
    }
}
