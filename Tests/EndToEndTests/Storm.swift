import EtcdClient
import EtcdLab
import Foundation
import Synchronization
import TestSupport

/// Workers that add and delete containers with the real plugin, and repeat what failed as a runtime does.
final class Storm: Sendable {
    /// What no repetition mends, or what must never be.
    struct Fault: Error {
        let text: String
    }

    /// How often and how long calls were made.
    let report = StormReport()

    private let configuration: String
    /// The containers that have an address, from their ADD's acknowledgement to their DEL's beginning.
    private let owners = Mutex<[String: String]>([:])
    private let isStopped = Mutex(false)

    init(configuration: String) {
        self.configuration = configuration
    }

    /// The addresses that containers have.
    var addresses: Set<String> { owners.withLock { Set($0.keys) } }

    /// Adds containers and deletes some of them again until the storm is stopped; returns the addresses that are left.
    func addAndDelete(worker: Int) throws -> [String] {
        var random = SplitMix64(seed: UInt64(worker))
        var containers: [(name: String, addresses: [String])] = []
        var count = 0
        while !isStopped.withLock({ $0 }) {
            if containers.count < 3 || (containers.count < 20 && Bool.random(using: &random)) {
                let name = "storm-\(worker)-\(count)"
                count += 1
                let addresses = try call("ADD", name).addresses
                try take(addresses, name)
                containers.append((name, addresses))
            } else {
                let index = Int.random(in: containers.indices, using: &random)
                let container = containers.remove(at: index)
                giveBack(container.addresses)
                _ = try call("DEL", container.name)
            }
        }
        return containers.flatMap(\.addresses)
    }

    /// Deletes every container that is left.
    func deleteAll() throws {
        for name in Set(owners.withLock { Array($0.values) }) {
            _ = try call("DEL", name)
        }
    }

    /// Lets the workers end after their present call.
    func stop() {
        isStopped.withLock { $0 = true }
    }

    /// Waits until so many more calls have succeeded.
    func awaitCalls(_ count: Int) throws {
        let limit = Deadline.after(.seconds(180))
        let target = report.successes + count
        while report.successes < target {
            guard !limit.hasPassed else { throw Fault(text: "no call succeeds any more: \(report)") }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    private func take(_ addresses: [String], _ name: String) throws {
        guard addresses.count == 2 else { throw Fault(text: "\(name) got \(addresses)") }
        try owners.withLock { owners in
            for address in addresses {
                if let owner = owners[address] {
                    throw Fault(text: "\(address) is \(owner)'s, and \(name) got it too")
                }
                owners[address] = name
            }
        }
    }

    private func giveBack(_ addresses: [String]) {
        owners.withLock { owners in
            for address in addresses {
                owners[address] = nil
            }
        }
    }

    /// Calls the plugin until it succeeds; only what may pass by itself is called again.
    private func call(_ command: String, _ name: String) throws -> RunningProcess.Outcome {
        let begin = Deadline.now
        for _ in 0..<100 {
            let start = Deadline.now
            let outcome = try Plugin.call(command, container: name, configuration: configuration)
            let elapsed = Deadline.now.duration(since: start)
            if outcome.status == 0 {
                report.noteSuccess(call: elapsed, operation: Deadline.now.duration(since: begin))
                return outcome
            }
            guard outcome.errorCode == 11 else { throw Fault(text: "\(command) \(name): \(outcome)") }
            report.noteFailure(call: elapsed, outcome.errorText)
        }
        throw Fault(text: "\(command) \(name) does not succeed")
    }
}
