import EtcdLab
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import EtcdClient

/// Writes and reads on a thread of their own, one after the other, until they are told to stop.
final class ClusterLoad: Sendable {
    /// What came of the calls.
    struct Report: Sendable {
        /// The keys of writes that were acknowledged.
        var acknowledged: Set<Key> = []
        /// The keys of writes whose outcome is unknown.
        var unknown: Set<Key> = []
        /// Whatever else went wrong.
        var failures: [String] = []
        var longestWrite = Duration.zero
        /// The longest read of each consistency.
        var longestRead: [RangeRequest.Consistency: Duration] = [:]
    }

    private let prefix: String
    private let count = Atomic(0)
    private let isStopping = Atomic(false)
    private let thread = Mutex<BackgroundCall<Report>?>(nil)

    /// Starts with a client of its own; all keys have the prefix.
    init(_ configuration: EtcdConfiguration, prefix: String) {
        self.prefix = prefix
        let call = BackgroundCall { [self] in try run(EtcdClient(configuration)) }
        thread.withLock { $0 = call }
    }

    /// Waits until as many more rounds of a write and two reads are through.
    func awaitRounds(_ more: Int) throws {
        let target = count.load(ordering: .relaxed) + more
        let limit = Deadline.after(.seconds(180))
        while count.load(ordering: .relaxed) < target {
            try #require(!limit.hasPassed, "the calls do not go on")
            Thread.sleep(forTimeInterval: 0.005)
        }
    }

    /// Lets the present round end, and returns what came of all.
    func stop() throws -> Report {
        isStopping.store(true, ordering: .relaxed)
        return try #require(thread.withLock { $0 }).value()
    }

    private func run(_ client: EtcdClient) -> Report {
        var report = Report()
        let clock = ContinuousClock()
        while !isStopping.load(ordering: .relaxed) {
            let number = count.load(ordering: .relaxed)
            let key = Key("\(prefix)\(number)")
            let start = clock.now
            do throws(EtcdError) {
                try client.put(PutRequest(key, "\(number)"), deadline: .far)
                report.acknowledged.insert(key)
            } catch {
                if error.code == .outcomeUnknown {
                    report.unknown.insert(key)
                } else {
                    report.failures.append("write: \(error)")
                }
            }
            report.longestWrite = max(report.longestWrite, clock.now - start)
            for consistency in [RangeRequest.Consistency.linearizable, .serializable] {
                let request = RangeRequest(.single(key), consistency: consistency)
                let start = clock.now
                do throws(EtcdError) {
                    let found = try client.range(request, deadline: .far).keyValues
                    if consistency == .linearizable, report.acknowledged.contains(key), found.isEmpty {
                        report.failures.append("a linearizable read misses \(key)")
                    }
                } catch {
                    report.failures.append("\(consistency) read: \(error)")
                }
                report.longestRead[consistency] = max(report.longestRead[consistency] ?? .zero, clock.now - start)
            }
            count.add(1, ordering: .relaxed)
            Thread.sleep(forTimeInterval: 0.001)
        }
        return report
    }

    /// Fails the test unless nothing but outcomes of writes is unknown, each acknowledged write is in the store, and no write
    /// is there twice.
    func expectNothingLost(_ report: Report, by client: EtcdClient) throws {
        #expect(report.failures.isEmpty)
        let found = try client.range(RangeRequest(.prefix(Key(prefix))), deadline: .far).keyValues
        #expect(found.allSatisfy { $0.version == 1 })
        let keys = Set(found.map(\.key))
        #expect(report.acknowledged.isSubset(of: keys))
        #expect(keys.isSubset(of: report.acknowledged.union(report.unknown)))
    }
}

extension ClusterLoad.Report: CustomStringConvertible {
    /// The figures in one line.
    var description: String {
        let reads = [RangeRequest.Consistency.linearizable, .serializable].map { consistency in
            "\(consistency) read \((longestRead[consistency] ?? .zero).inMilliseconds) ms"
        }
        return "\(acknowledged.count) writes acknowledged, \(unknown.count) unknown; longest write "
            + "\(longestWrite.inMilliseconds) ms, \(reads.joined(separator: ", "))"
    }
}
