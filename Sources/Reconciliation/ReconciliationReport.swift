internal import IPAM
internal import IPTypes
internal import JSON
package import Whereabouts

/// What a reconciliation has found and done, to be read by people and by a later one.
package struct ReconciliationReport: Sendable {
    /// What became of an allocation that is stranded.
    package enum State: String, Hashable, Sendable {
        /// Its address is free.
        case released
        /// It would have been released.
        case due
        /// It was noted, and is looked at again when the grace is over.
        case candidate
        /// It was changed meanwhile, so it was left alone.
        case changed
        /// It could not be released.
        case failed
    }

    /// An allocation that is stranded.
    package struct Finding: Hashable, Sendable {
        /// The allocation.
        package let allocation: StoredAllocation
        /// Why it is stranded.
        package let reason: String
        /// Since when that is known, in seconds since 1970.
        package let since: Int64
        /// What became of it.
        package var state: State
        /// What kept it from being released.
        package var error: String?
    }

    /// The format of the text.
    static let version: Int64 = 1

    /// The kind of datastore.
    package let datastore: String
    /// When the reconciliation began, in seconds since 1970.
    package let time: Int64
    /// Whether nothing was to be changed.
    package let isDryRun: Bool
    /// The number of allocations that were looked at.
    package var allocations = 0
    /// The number of those that name no pod.
    package var withoutPod = 0
    /// The number of those that wait for their pods.
    package var waiting = 0
    /// What is stranded.
    package var findings: [Finding] = []
    /// What was repaired.
    package var repairs: [StoreRepair] = []
    /// What went wrong beside the findings.
    package var errors: [String] = []

    /// The number of findings of a state.
    package func count(_ state: State) -> Int {
        findings.count { $0.state == state }
    }

    /// Whether all was done that was to be done.
    package var isComplete: Bool {
        errors.isEmpty && count(.failed) == 0
    }

    /// The whole in one line.
    package var summary: String {
        var parts = ["\(allocations) allocations", "\(findings.count) stranded"]
        for (state, words) in [
            (State.released, "released"), (.due, "would be released"),
            (.candidate, isDryRun ? "not stranded for long enough" : "noted"), (.changed, "changed meanwhile"),
            (.failed, "failed"),
        ] where count(state) > 0 {
            parts.append("\(count(state)) \(words)")
        }
        if withoutPod > 0 { parts.append("\(withoutPod) without a pod") }
        if waiting > 0 { parts.append("\(waiting) waiting for their pods") }
        // What is only told is in the log and in the report.
        let repaired = repairs.count { $0.kind != .entryWithoutReservation }
        if repaired > 0 { parts.append("\(repaired) incomplete records \(isDryRun ? "to repair" : "repaired")") }
        let told = repairs.count - repaired
        if told > 0 { parts.append("\(told) entries without a reservation, which were left as they are") }
        if !errors.isEmpty { parts.append("\(errors.count) errors") }
        return parts.joined(separator: ", ")
    }

    /// Writes the report as text, a line for each finding: all of them as one value would take several times the memory.
    ///
    /// - Throws: What the function throws that is given the pieces.
    package func write<Failure: Error>(_ body: ([UInt8]) throws(Failure) -> Void) throws(Failure) {
        try body(Array("{\n\"stranded\": [".utf8))
        for index in findings.indices {
            try body(Array((index == 0 ? "\n" : ",\n").utf8) + findings[index].json.encoded())
        }
        try body(Array("\n]".utf8))
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            try body(Array(",\n\"\(name)\": ".utf8) + value.encoded())
        }
        try body(Array("\n}\n".utf8))
    }

    /// What the report says beside the findings.
    private var members: [String: JSONValue] {
        [
            "version": .integer(Self.version), "datastore": .string(datastore),
            "time": .string(Timestamp.text(secondsSince1970: time)), "dryRun": .bool(isDryRun),
            "allocations": .integer(Int64(allocations)), "withoutPod": .integer(Int64(withoutPod)),
            "waiting": .integer(Int64(waiting)),
            "repairs": .array(
                repairs.map { .object(["kind": .string($0.kind.rawValue), "subject": .string($0.subject)]) }
            ),
            "errors": .array(errors.map(JSONValue.string)),
        ]
    }
}

extension ReconciliationReport.Finding {
    fileprivate var json: JSONValue {
        var object: [String: JSONValue] = [
            "address": .string(allocation.place.address.description), "domain": .string(allocation.place.domain),
            "revision": .string(allocation.version), "owner": allocation.owner.json, "reason": .string(reason),
            "since": .string(Timestamp.text(secondsSince1970: since)), "state": .string(state.rawValue),
        ]
        object["podUID"] = allocation.podUID.map(JSONValue.string)
        object["created"] = allocation.created.map(JSONValue.string)
        object["error"] = error.map(JSONValue.string)
        return .object(object)
    }
}
