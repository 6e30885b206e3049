import EtcdClient
import IPAM
import Reconciliation
import Synchronization
import Whereabouts

/// Pods that a test names, and what is to happen between two looks.
final class ScriptedLife: LifeSource, @unchecked Sendable {
    /// The pods by name, all of one namespace.
    var pods: [String: PodState]
    var namespace = "default"
    /// The present time.
    var now: Int64 = 1_800_000_000
    /// Is called at the end of each look, with the look's number from 1 on.
    var afterLook: (Int) throws -> Void = { _ in }
    /// How often everything was looked at, and some alone.
    private(set) var looks = 0

    init(_ pods: [String: PodState]) {
        self.pods = pods
    }

    convenience init(_ names: String...) {
        self.init(Dictionary(uniqueKeysWithValues: names.map { ($0, PodState(uid: "uid-of-\($0)")) }))
    }

    /// The pods by what refers to them.
    var references: [PodReference: PodState] {
        Dictionary(uniqueKeysWithValues: pods.map { (PodReference(namespace: namespace, name: $0.key), $0.value) })
    }

    func look(at allocations: [StoredAllocation]?, deadline: Deadline) throws(ReconciliationError) -> Look {
        looks += 1
        let seen = references
        do {
            try afterLook(looks)
        } catch {
            throw .file("\(error)")
        }
        return .pods(seen)
    }
}
