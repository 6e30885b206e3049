import EtcdClient
import EtcdLab
import TestSupport
import Testing

@testable import AsyncEtcdClient

@Suite(.timeLimit(.minutes(15))) struct AsyncLeaseTests {
    private let server: EtcdServer
    private let etcd: AsyncEtcdClient

    init() throws {
        server = try EtcdServer()
        etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(server.endpoint)))
    }

    private func grantLease(seconds: Int) throws -> Int64 {
        let endpoint = server.endpoint
        let output = try RunningProcess.run("etcdctl", "--endpoints", endpoint, "lease", "grant", "\(seconds)")
        let words = output.split(separator: " ")
        return try #require(words.count > 1 ? Int64(words[1], radix: 16) : nil)
    }

    @Test func leaseIsRenewedWhileTheLoopLastsAndExpiresBehindIt() async throws {
        // Between the grant and the first renewal nothing waits for a thread of the runtime, on which other tests block.
        let lease = try grantLease(seconds: 12)
        let id = String(lease, radix: 16)
        try RunningProcess.run("etcdctl", "--endpoints", server.endpoint, "put", "--lease", id, "kept", "1")
        var renewals = 0
        let begin = Deadline.now
        for try await timeToLive in etcd.keepAlive(lease) {
            #expect(timeToLive == 12)
            renewals += 1
            if renewals > 1, Deadline.now.duration(since: begin) > .seconds(13) { break }
        }
        #expect(try await etcd.withClient { try $0.get("kept", deadline: .far) } != nil)
        var request = WatchRequest(.single("kept"), startRevision: 1)
        request.filters = [.put]
        for try await response in etcd.watch(request) where response.events.contains(where: { $0.kind == .delete }) {
            break
        }
    }

    @Test func leaseIsRenewedWhileItsReaderIsBusy() async throws {
        let lease = try grantLease(seconds: 9)
        var iterator = etcd.keepAlive(lease).makeAsyncIterator()
        #expect(try await iterator.next() == 9)
        try await Task.sleep(for: .seconds(12))
        #expect(try await iterator.next() == 9)
        #expect(try await etcd.withClient { try $0.lease.keepAliveOnce(lease, deadline: .far) } == 9)
    }

    @Test func endOfALeaseIsThrown() async throws {
        var iterator = etcd.keepAlive(4711).makeAsyncIterator()
        let error = await #expect(throws: EtcdError.self) { try await iterator.next() }
        #expect(error?.code == .server(.leaseNotFound))
        #expect(try await iterator.next() == nil)
    }

    @Test func leaseThatCantBeRenewedIsThrown() async throws {
        let lease = try grantLease(seconds: 9)
        var iterator = etcd.keepAlive(lease).makeAsyncIterator()
        #expect(try await iterator.next() == 9)
        server.stop()
        let error = await #expect(throws: EtcdError.self) {
            while try await iterator.next() != nil {}
        }
        #expect(error?.code == .timedOut)
    }

    @Test func canceledTaskLeavesTheLoop() async throws {
        let lease = try grantLease(seconds: 600)
        let (began, beginning) = AsyncStream.makeStream(of: Void.self)
        let task = Task { [etcd] in
            for try await _ in etcd.keepAlive(lease) { beginning.yield() }
        }
        for await _ in began { break }
        task.cancel()
        try await task.value
    }
}
