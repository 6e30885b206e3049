import AllocationHistory
import EtcdLab

/// A run of a right plugin in a model: calls overlap, some are killed, and each has its effect at one instant.
struct ModelRun {
    private struct Intent {
        var verb: Verb
        var container: String
        var pod: String?
        var start: Int64
        var end: Int64
        var effect: Int64?
        var isKilled: Bool
        var valid: [String]?
        var outcome: CallOutcome?
    }

    private struct Holding {
        var container: String
        var pod: String?
        var isRetained = false
        var written: Int64
    }

    private var generator: SplitMix64
    private let retains: Bool
    private let capacity: Int
    private var intents: [Intent] = []
    private var holdings: [Int: Holding] = [:]

    /// Makes up a run: pods whose containers follow each other, late and repeated DELs, and GC calls.
    init(seed: UInt64, pods: Int, restarts: Int, capacity: Int, retains: Bool) {
        generator = SplitMix64(seed: seed)
        self.retains = retains
        self.capacity = capacity
        for pod in 0..<pods {
            plan(pod: pod, restarts: Int.random(in: 0...restarts, using: &generator))
        }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            planCollections()
        }
        let order = intents.indices.filter { intents[$0].effect != nil }.sorted {
            intents[$0].effect ?? 0 < intents[$1].effect ?? 0
        }
        for index in order {
            apply(index)
        }
    }

    private mutating func plan(pod: Int, restarts: Int) {
        var time = Int64.random(in: 0...100, using: &generator)
        let name = pod % 3 == 0 ? nil : "ns/p\(pod)"
        for restart in 0...(name == nil ? 0 : restarts) {
            let container = "c\(pod).\(restart)"
            repeat {
                time = append(.add, container, name, from: time).end + 1
            } while Int.random(in: 0..<3, using: &generator) == 0
            guard Int.random(in: 0..<8, using: &generator) > 0 else { return }
            var late = time + Int64.random(in: 0...40, using: &generator)
            for _ in 0..<Int.random(in: 1...2, using: &generator) {
                late = append(.delete, container, name, from: late).end + 1
            }
            time = Bool.random(using: &generator) ? time : late
        }
    }

    private mutating func append(_ verb: Verb, _ container: String, _ pod: String?, from: Int64) -> Intent {
        let start = from + Int64.random(in: 0...10, using: &generator)
        let end = start + Int64.random(in: 0...15, using: &generator)
        let isKilled = Int.random(in: 0..<8, using: &generator) == 0
        // What a killed process sent may arrive late, or never.
        let last = end + (isKilled ? Int64.random(in: 0...60, using: &generator) : 0)
        let effect =
            isKilled && Bool.random(using: &generator) ? nil : Int64.random(in: start...last, using: &generator)
        let intent = Intent(
            verb: verb,
            container: container,
            pod: pod,
            start: start,
            end: end,
            effect: effect,
            isKilled: isKilled
        )
        intents.append(intent)
        return intent
    }

    private mutating func planCollections() {
        let last = intents.map(\.end).max() ?? 0
        for _ in 0..<3 {
            let time = Int64.random(in: 0...last, using: &generator)
            let gone = Set(intents.filter { $0.verb == .delete && $0.start < time }.map(\.container))
            let known = Set(intents.filter { $0.verb == .add && $0.start <= time }.map(\.container))
            var intent = append(.collect, "", nil, from: time)
            intent.valid = known.subtracting(gone).sorted()
            // Only what was known when the list was made.
            intent.start = time
            intents[intents.count - 1] = intent
        }
    }

    private mutating func apply(_ index: Int) {
        let intent = intents[index]
        switch intent.verb {
        case .add:
            // A DEL keeps out what its container's earlier ADDs sent.
            let isFenced = intents.contains {
                $0.verb == .delete && $0.container == intent.container && !$0.isKilled && $0.start > intent.end
                    && $0.effect ?? .max <= intent.effect ?? 0
            }
            guard !isFenced else { return }
            let own = holdings.first {
                intent.pod == nil ? $0.value.container == intent.container : $0.value.pod == intent.pod
            }?.key
            guard let address = own ?? (1...capacity).first(where: { holdings[$0] == nil }) else {
                intents[index].outcome = .failed(code: 100, message: "full")
                return
            }
            let isRepeated = own.map { holdings[$0]?.container == intent.container } ?? false
            holdings[address] = Holding(
                container: intent.container,
                pod: intent.pod,
                // What the container has already stays as it is.
                written: (isRepeated ? holdings[address]?.written : nil) ?? intent.effect ?? 0
            )
            intents[index].outcome = .succeeded(addresses: Script.addresses([address]))
        case .delete:
            release { $0.container == intent.container }
        case .collect:
            release { $0.written < intent.start && !(intent.valid ?? []).contains($0.container) }
        case .check, .status:
            break
        }
    }

    private mutating func release(_ isGone: (Holding) -> Bool) {
        for (address, holding) in holdings where isGone(holding) {
            if retains, holding.pod != nil {
                holdings[address]?.isRetained = true
            } else {
                holdings[address] = nil
            }
        }
    }

    /// The run as a harness would have recorded it, with the store as it was at the end.
    var history: History {
        var script = Script()
        script.ranges = [
            HistoryRange(
                domain: "",
                first: "10.0.0.1",
                last: "10.0.0.\(capacity)",
                allocatableCount: UInt64(capacity),
                retainSeconds: retains ? 3600 : 0
            )
        ]
        for intent in intents {
            script.call(
                intent.verb,
                intent.container,
                pod: intent.pod,
                intent.start...intent.end,
                ranges: intent.verb == .add ? [0] : [],
                valid: intent.valid,
                intent.isKilled ? .killed(signal: 9) : intent.outcome ?? .succeeded(addresses: [])
            )
        }
        script.before = StoreSnapshot(
            time: ((intents.map { max($0.end, $0.effect ?? 0) }.max() ?? 0) + 1) * 1_000_000,
            records: holdings.map {
                Script.record($0.key, $0.value.container, pod: $0.value.pod, isRetained: $0.value.isRetained)
            },
            inconsistencies: []
        )
        return script.history
    }
}
