import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

@Suite(.timeLimit(.minutes(15))) struct LeaseKeepAliveTests {
    private let server: EtcdServer

    init() throws {
        server = try EtcdServer()
    }

    /// A key that lives as long as a lease.
    private func attach(_ key: Key, to lease: Int64) throws {
        try server.client().put(PutRequest(key, "kept", lease: lease), deadline: .far)
    }

    @Test func leaseLivesWhileItIsKeptAliveAndEndsWhenItIsNot() throws {
        let lease = try server.client().lease.grant(timeToLive: 12, deadline: .far).id
        let keepAlive = try LeaseKeepAlive(.hasty(server.endpoint))
        keepAlive.add(lease)
        #expect(keepAlive.leaseIDs == [lease])
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 12))
        try attach("kept", to: lease)
        let begin = Deadline.now
        for _ in 0..<4 {
            #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 12))
        }
        // Each time that a third has passed, and no earlier.
        #expect(Deadline.now.duration(since: begin) > .seconds(12))
        #expect(try server.client().text("kept") == "kept")

        let watcher = try Watcher(.hasty(server.endpoint))
        let id = watcher.add(WatchRequest(.single("kept")))
        try watcher.created(id)
        keepAlive.remove(lease)
        #expect(try keepAlive.next(deadline: .after(.milliseconds(10))) == nil)
        #expect(try watcher.events(1, of: id).map(\.kind) == [.delete])
        // What has expired can't be kept alive any more.
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .notFound)
        #expect(keepAlive.leaseIDs.isEmpty)
    }

    @Test func leaseLivesOverManyCuts() throws {
        let lease = try server.client().lease.grant(timeToLive: 12, deadline: .far).id
        let proxies = try (0..<2).map { _ in try TCPProxy(to: server.clientPort, .forward) }
        let keepAlive = try LeaseKeepAlive(.hasty(proxies[0].endpoint, proxies[1].endpoint))
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 12))
        try attach("cut", to: lease)
        // For longer than it would live without.
        let end = Deadline.after(.seconds(15))
        while !end.hasPassed {
            if let response = try keepAlive.next(deadline: min(end, .after(.milliseconds(700)))) {
                #expect(response.content == .renewed(timeToLive: 12))
            }
            proxies.forEach { $0.cut(then: .forward) }
        }
        #expect(proxies.map(\.acceptedCount).reduce(0, +) > 3)
        #expect(try server.client().text("cut") == "kept")
    }

    @Test func memberThatDoesNotAnswerIsLeftBeforeTheLeaseExpires() throws {
        // Two servers, not one cluster: the other one tells that it was asked by not knowing the lease.
        let other = try EtcdServer()
        let lease = try server.client().lease.grant(timeToLive: 12, deadline: .far).id
        let keepAlive = try LeaseKeepAlive(.hasty(server.endpoint, other.endpoint))
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 12))
        try server.freezeAndWait()
        defer { server.thaw() }
        #expect(try keepAlive.next(deadline: .far)?.content == .notFound)
    }

    @Test func leaseThatNobodyAnswersForIsGivenUpWhenItsTimeHasPassed() throws {
        let lease = try server.client().lease.grant(timeToLive: 7, deadline: .far).id
        let keepAlive = try LeaseKeepAlive(.hasty(server.endpoint))
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 7))
        server.stop()
        #expect(try keepAlive.next(deadline: .far) == LeaseKeepAliveResponse(id: lease, content: .unanswered))
        #expect(keepAlive.leaseIDs.isEmpty)
        #expect(try keepAlive.next(deadline: .after(.milliseconds(50))) == nil)
        #expect(keepAlive.interruption?.code == .unreachable)
    }

    @Test func revokedAndUnknownLeasesAreNotFound() throws {
        let lease = try server.client().lease.grant(timeToLive: 9, deadline: .far).id
        let keepAlive = try LeaseKeepAlive(.hasty(server.endpoint))
        keepAlive.add(4711)
        #expect(try keepAlive.next(deadline: .far) == LeaseKeepAliveResponse(id: 4711, content: .notFound))
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 9))
        try server.client().lease.revoke(lease, deadline: .far)
        var content = try keepAlive.next(deadline: .far)?.content
        while content == .renewed(timeToLive: 9) {
            content = try keepAlive.next(deadline: .far)?.content
        }
        #expect(content == .notFound)
    }

    @Test func manyLeasesShareOneStream() throws {
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let keepAlive = try LeaseKeepAlive(.hasty(proxy.endpoint))
        let leases = try (0..<20).map { _ in try server.client().lease.grant(timeToLive: 600, deadline: .far).id }
        leases.forEach { keepAlive.add($0) }
        var renewed: Set<Int64> = []
        while renewed.count < leases.count {
            let response = try #require(try keepAlive.next(deadline: .far))
            #expect(response.content == .renewed(timeToLive: 600))
            #expect(renewed.insert(response.id).inserted)
        }
        #expect(keepAlive.leaseIDs == leases.sorted())
        #expect(proxy.acceptedCount == 1)
        // The next one is due in 200 seconds.
        #expect(try keepAlive.next(deadline: .after(.milliseconds(20))) == nil)
    }

    @Test func leaseIsRenewedOnce() throws {
        let lease = try server.client().lease.grant(timeToLive: 600, deadline: .far).id
        let proxy = try TCPProxy(to: server.clientPort, .loseReply, .forward)
        let client = try EtcdClient(.hasty(proxy.endpoint))
        // An answer that is lost does no harm: the question is repeated.
        #expect(try client.lease.keepAliveOnce(lease, deadline: .far) == 600)
        #expect(proxy.acceptedCount == 2)
        let error = try #require(throws: EtcdError.self) { try client.lease.keepAliveOnce(4711, deadline: .far) }
        #expect(error.code == .server(.leaseNotFound))
        #expect(throws: EtcdError.self) { try client.lease.keepAliveOnce(lease, deadline: .now) }
        server.stop()
        let late = try #require(throws: EtcdError.self) { try client.lease.keepAliveOnce(lease, deadline: .far) }
        #expect(late.code == .unreachable)
    }

    @Test func cancellationFromAnotherThreadEndsTheWait() throws {
        let lease = try server.client().lease.grant(timeToLive: 600, deadline: .far).id
        let cancellation = Cancellation()
        let keepAlive = try LeaseKeepAlive(.hasty(server.endpoint), cancellation: cancellation)
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 600))
        let canceling = BackgroundCall { cancellation.cancel() }
        let error = try #require(throws: EtcdError.self) { try keepAlive.next(deadline: .far) }
        #expect(error.code == .canceled)
        _ = try canceling.value()
    }
}
