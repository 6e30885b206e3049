import EtcdLab
import IPAM
import IPTypes
import TestSupport

@testable import Whereabouts

/// Invents the steps of a history: what is called next, by which container, with which configuration.
struct HistoryGenerator {
    /// Which containers a history has: those of its own nodes and pods, where several histories run at once.
    private let name: String
    private var random: SplitMix64
    private let plans: [[AllocationRequest.Demand]]
    private(set) var containers: [HistoryContainer] = []

    static let networks = ["lab", "prod"]
    static let interfaces = ["eth0", "net1"]

    init(_ name: String = "", seed: UInt64, plans: [[AllocationRequest.Demand]]) {
        self.name = name
        random = SplitMix64(seed: seed)
        self.plans = plans
    }

    /// The nodes of the history.
    var nodes: [String] {
        (0..<3).map { "node-\(name)\($0)" }
    }

    mutating func chance(_ numerator: Int, in denominator: Int) -> Bool {
        Int.random(in: 0..<denominator, using: &random) < numerator
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &random)]
    }

    /// A call's kind, the weight of each as it stands here.
    mutating func verb() -> HistoryVerb {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<50: .add
        case ..<80: .delete
        case ..<90: .check
        case ..<96: .status
        default: .collect
        }
    }

    /// A container that is new, or calls again, also one that is long gone.
    mutating func container() -> HistoryContainer {
        if !containers.isEmpty, chance(1, in: 3) { return known() }
        let pod = chance(2, in: 3) ? PodReference(namespace: "default", name: "\(name)pod-\(pick(Array(0..<8)))") : nil
        let container = HistoryContainer(id: "\(name)c\(containers.count)", pod: pod, node: pick(nodes))
        containers.append(container)
        return container
    }

    /// A container that has called before, one of the latest more often than not.
    mutating func known() -> HistoryContainer {
        guard !containers.isEmpty else { return container() }
        return pick(chance(3, in: 4) ? containers.suffix(24) : containers)
    }

    mutating func interface() -> String {
        chance(3, in: 4) ? Self.interfaces[0] : pick(Self.interfaces)
    }

    /// How long an address waits for the pod of whoever releases it: not at all, or longer than the test runs.
    mutating func retention() -> Int64 {
        chance(1, in: 4) ? 3600 : 0
    }

    mutating func request(_ container: HistoryContainer) -> AllocationRequest {
        var demands = pick(plans)
        for index in demands.indices where chance(1, in: 8) {
            let ranges = demands[index].choices.flatMap(\.pool.allocatable.ranges)
            let range = pick(ranges)
            let distance = UInt128.random(in: 0..<min(range.count, 16), using: &random)
            if let address = range.first.advanced(by: distance), let demand = demands[index].requesting(address) {
                demands[index] = demand
            }
        }
        let policy = AllocationPolicy(
            strategy: chance(1, in: 3) ? .next : .lowest,
            reuseDelay: chance(1, in: 3) ? 3600 : 0,
            retention: retention()
        )
        let owner = container.owner(interface(), network: pick(Self.networks))
        return AllocationRequest(owner: owner, podUID: nil, demands: demands, policy: policy)
    }

    /// What a single call of the kind asks about.
    mutating func demand() -> AllocationRequest.Demand {
        pick(pick(plans))
    }
}
