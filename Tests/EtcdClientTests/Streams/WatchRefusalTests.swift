import EtcdLab
import Foundation
import TestSupport
import Testing

@testable import EtcdClient

/// Watches that a server does not permit, or can't serve.
@Suite(.timeLimit(.minutes(15))) struct WatchRefusalTests {
    @Test func watchWithoutPermissionEndsWithTheReasonAndIsNotTriedAgain() throws {
        let server = try EtcdServer()
        try server.enableAuthentication()
        let proxy = try TCPProxy(to: server.clientPort, .forward)
        let watcher = try Watcher(.hasty(proxy.endpoint))
        let ids = [watcher.add(WatchRequest(.single("a"))), watcher.add(WatchRequest(.prefix("b")))]
        for id in ids {
            let response = try watcher.response()
            #expect(response.watchID == id)
            guard case .canceled(.refused(let error)) = response.content else {
                Issue.record("\(response)")
                continue
            }
            #expect(error.code == .server(.permissionDenied) || error.code == .server(.userEmpty))
            #expect(error.advice != nil)
        }
        #expect(watcher.watchIDs.isEmpty)
        #expect(try watcher.next(deadline: .after(.milliseconds(50))) == nil)
        #expect(proxy.acceptedCount == 1)
    }

    @Test(.enabled(if: Host.isRoot, "network namespaces need root"))
    func memberThatLosesItsLeaderIsLeftAndTheWatchGoesOnAtAnother() throws {
        let cluster = try EtcdCluster()
        let client = try EtcdClient(connectionString: cluster.endpoints.joined(separator: ","))
        try client.put(PutRequest("leader", "1"), deadline: .far)
        let watcher = try Watcher(.hasty(cluster.endpoints[0], cluster.endpoints[1]))
        let id = watcher.add(WatchRequest(.single("leader")))
        try watcher.created(id)
        try client.put(PutRequest("leader", "2"), deadline: .far)
        #expect(try watcher.events(1, of: id).map(\.text) == ["2"])

        try cluster.isolate(0, from: .peers)
        let elsewhere = try EtcdClient(connectionString: cluster.endpoints[1...].joined(separator: ","))
        while (try? elsewhere.put(PutRequest("leader", "3"), deadline: .far)) == nil {}
        #expect(try watcher.response().events.map(\.text) == ["3"])
        #expect(watcher.interruption == nil)
    }
}
