internal import Foundation
internal import Synchronization

/// Pods that come and go as runtimes have it: a failed ADD is followed by a DEL and by an ADD of the pod's next container, a failed DEL by another one.
final class PodLoad: Sendable {
    /// How one worker reaches the datastore.
    struct Calls {
        /// An ADD: the addresses.
        let add: (_ container: String, _ pod: String) throws -> [String]
        /// A DEL.
        let delete: (_ container: String) throws -> Void
        /// Whether a failure is one that the faults of the test explain.
        let isExpected: (any Error) -> Bool
    }

    /// A pod whose container was added.
    struct Pod {
        let name: String
        let addresses: [String]
    }

    private struct State {
        var pods: [String: String] = [:]
        var living: [String: Pod] = [:]
        var deleted: [String] = []
        var failures = 0
        var flaws: [String] = []
    }

    private let state = Mutex(State())

    /// The containers that were added and not deleted.
    var living: [String: Pod] { state.withLock { $0.living } }
    /// The containers that were deleted.
    var deleted: [String] { state.withLock { $0.deleted } }
    /// The number of calls that failed, as expected.
    var failures: Int { state.withLock { $0.failures } }
    /// Addresses that two pods had at a time, and failures that nothing explains.
    var flaws: [String] { state.withLock { $0.flaws } }

    /// Adds and deletes pods until a moment, and returns when the last DEL is done; of eight pods the first stays.
    func run(_ worker: Int, until end: ContinuousClock.Instant, _ calls: Calls) {
        var containers = 0
        var pods = 0
        while ContinuousClock.now < end {
            pods += 1
            let pod = "pod-\(worker)-\(pods)"
            while ContinuousClock.now < end {
                containers += 1
                let container = "c-\(worker)-\(containers)"
                guard let addresses = attempt(calls, { try calls.add(container, pod) }) else {
                    delete(container, calls)
                    continue
                }
                hold(addresses, container, pod)
                if pods % 8 != 1 {
                    letGo(addresses, container)
                    delete(container, calls)
                }
                break
            }
        }
    }

    private func attempt<Value>(_ calls: Calls, _ body: () throws -> Value) -> Value? {
        do {
            return try body()
        } catch {
            state.withLock {
                $0.failures += 1
                if !calls.isExpected(error) { $0.flaws.append("\(error)") }
            }
            return nil
        }
    }

    private func delete(_ container: String, _ calls: Calls) {
        while attempt(calls, { try calls.delete(container) }) == nil {
            Thread.sleep(forTimeInterval: 0.2)
        }
        state.withLock { $0.deleted.append(container) }
    }

    private func hold(_ addresses: [String], _ container: String, _ pod: String) {
        state.withLock { state in
            for address in addresses {
                if let other = state.pods[address] { state.flaws.append("\(address) is of \(other) and \(pod)") }
                state.pods[address] = pod
            }
            state.living[container] = Pod(name: pod, addresses: addresses)
        }
    }

    private func letGo(_ addresses: [String], _ container: String) {
        state.withLock { state in
            for address in addresses { state.pods[address] = nil }
            state.living[container] = nil
        }
    }
}
