import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

/// A client of three members while members fail.
@Suite(.enabled(if: Host.isRoot), .serialized, .timeLimit(.minutes(15))) struct ClusterFailoverTests {
    /// Endpoints in the order of the members given.
    ///
    /// A request that was not applied is repeated for long, since an election may take any time on a busy machine.
    private func configuration(_ cluster: EtcdCluster, _ members: Int...) throws -> EtcdConfiguration {
        let endpoints = try members.map { try Endpoint(cluster.clientURLs[$0]) }
        var configuration = EtcdConfiguration(endpoints: endpoints)
        configuration.endpointOrder = .asGiven
        configuration.retryTimeout = .seconds(30)
        return configuration
    }

    private func client(_ cluster: EtcdCluster, _ members: Int...) throws -> EtcdClient {
        var configuration = try configuration(cluster, 0)
        configuration.endpoints = try members.map { try Endpoint(cluster.clientURLs[$0]) }
        return try EtcdClient(configuration)
    }

    private func others(than member: Int) -> (Int, Int) {
        ((member + 1) % 3, (member + 2) % 3)
    }

    /// A value as one member has it.
    private func stale(_ key: Key, _ client: EtcdClient) throws -> String? {
        let request = RangeRequest(.single(key), consistency: .serializable)
        return try client.range(request, deadline: .far).keyValues.first.map {
            String(decoding: $0.value, as: UTF8.self)
        }
    }

    // MARK: - Under load

    @Test(arguments: ClusterFault.allCases, [true, false])
    func readsGoOnAndNoWriteIsLostOrDoneTwice(fault: ClusterFault, ofLeader: Bool) throws {
        let cluster = try EtcdCluster()
        let leader = try cluster.waitForLeader()
        let member = ofLeader ? leader : others(than: leader).0
        let (second, third) = others(than: member)
        let loads = [
            ClusterLoad(try configuration(cluster, member, second, third), prefix: "here/"),
            ClusterLoad(try configuration(cluster, second, third, member), prefix: "elsewhere/"),
        ]
        for _ in 0..<2 {
            for load in loads { try load.awaitRounds(20) }
            try cluster.strike(member, with: fault)
            for load in loads { try load.awaitRounds(20) }
            try cluster.recover(member, from: fault)
        }
        for load in loads { try load.awaitRounds(20) }
        for (load, place) in zip(loads, ["here", "elsewhere"]) {
            let report = try load.stop()
            try load.expectNothingLost(report, by: client(cluster, 0, 1, 2))
            print("\(ofLeader ? "leader" : "follower") \(fault), client \(place): \(report)")
        }
    }

    @Test func readsGoOnAndNoWriteIsLostOrDoneTwiceOverTLS() throws {
        let cluster = try EtcdCluster(security: .tls(clientAuthentication: true))
        var configuration = try configuration(cluster, 0, 1, 2)
        let identity = TLSFixture.clientECDSA
        configuration.tls = TLSConfiguration(
            caFile: TLSFixture.ca,
            certificateFile: identity.certificate,
            keyFile: identity.key
        )
        let load = ClusterLoad(configuration, prefix: "tls/")
        for fault in [ClusterFault.killed, .cutOffFromPeers, .frozen] {
            try load.awaitRounds(20)
            let leader = try cluster.waitForLeader()
            try cluster.strike(leader, with: fault)
            try load.awaitRounds(20)
            try cluster.recover(leader, from: fault)
        }
        let report = try load.stop()
        try load.expectNothingLost(report, by: EtcdClient(configuration))
        print("leader killed, cut off, frozen, over TLS: \(report)")
    }

    @Test func watchLosesNothingAndTellsNothingTwice() throws {
        let cluster = try EtcdCluster(arguments: ["--grpc-keepalive-min-time", "10ms"])
        var configuration = try configuration(cluster, 0, 1, 2)
        configuration.endpointOrder = .shuffled
        configuration.keepalive.time = .milliseconds(500)
        configuration.keepalive.timeout = .seconds(2)
        let watching = BackgroundCall { [configuration] in
            let watcher = try Watcher(configuration)
            let id = watcher.add(WatchRequest(.prefix("w"), startRevision: 1))
            try watcher.created(id)
            var events: [WatchEvent] = []
            while events.last?.key != "w-end" {
                let response = try #require(try watcher.next(deadline: .after(.seconds(180))))
                #expect(response.watchID == id)
                events += response.events
            }
            return events
        }
        let load = ClusterLoad(configuration, prefix: "w/")
        for fault in ClusterFault.allCases {
            try load.awaitRounds(20)
            let leader = try cluster.waitForLeader()
            try cluster.strike(leader, with: fault)
            try load.awaitRounds(20)
            try cluster.recover(leader, from: fault)
        }
        let report = try load.stop()
        let client = try EtcdClient(configuration)
        try load.expectNothingLost(report, by: client)
        let end = try client.put("w-end", "")
        let found = try client.range(RangeRequest(.prefix("w")), deadline: .far).keyValues
            .filter { $0.modRevision <= end }.sorted { $0.modRevision < $1.modRevision }
        #expect(try watching.value().map(\.keyValue) == found)
    }

    // MARK: - A member without peers

    @Test(arguments: [true, false])
    func memberWithoutLeaderDoesNotAnswerFromThePast(wasLeader: Bool) throws {
        let cluster = try EtcdCluster()
        let leader = try cluster.waitForLeader()
        let member = wasLeader ? leader : others(than: leader).0
        let (second, third) = others(than: member)
        let connected = try client(cluster, member, second, third)
        try connected.put(PutRequest("key", "before"), deadline: .far)
        #expect(connected.current == 0)

        try cluster.isolate(member, from: .peers)
        try cluster.waitUntilLeaderless(member)
        try client(cluster, second, third).put(PutRequest("key", "after"), deadline: .far)

        var alone = try configuration(cluster, member)
        alone.retryTimeout = .milliseconds(300)
        let error = try #require(throws: EtcdError.self) { try stale("key", EtcdClient(alone)) }
        #expect(error.code == .server(.noLeader))
        #expect(error.attempts.map(\.endpoint) == alone.endpoints.map(\.description))
        // What the default guards against.
        alone.requiresLeader = false
        #expect(try stale("key", EtcdClient(alone)) == "before")

        for client in [connected, try client(cluster, member, second, third)] {
            #expect(try stale("key", client) == "after")
            #expect(client.current != 0)
            #expect(try client.text("key") == "after")
        }
        let writer = try client(cluster, member, second, third)
        try writer.put(PutRequest("written", "elsewhere"), deadline: .far)
        #expect(writer.current != 0)
        #expect(try connected.text("written") == "elsewhere")
    }

    // MARK: - Members that are ill before a client comes

    @Test(arguments: [ClusterFault.frozen, .cutOffFromClients], [1, 2])
    func silentMembersCostTheStagger(fault: ClusterFault, count: Int) throws {
        let cluster = try EtcdCluster()
        if count == 2, fault == .frozen {
            // The one that is left has no leader, and all the same it is the one that answers.
            for member in 0..<2 { try cluster.strike(member, with: fault) }
            try cluster.waitUntilLeaderless(2)
        } else {
            for member in 0..<count { try cluster.strike(member, with: fault) }
            try cluster.waitForLeader()
        }
        var configuration = try configuration(cluster, 0, 1, 2)
        configuration.connectTimeout = .seconds(40)
        configuration.requiresLeader = count == 1 || fault != .frozen
        let begin = Deadline.now
        let client = try EtcdClient(configuration)
        #expect(try stale("key", client) == nil)
        #expect(client.current == count)
        let elapsed = Deadline.now.duration(since: begin)
        #expect(elapsed < .seconds(20))
        print("\(count) first endpoints \(fault): \(elapsed.inMilliseconds) ms to connect and read")
        if configuration.requiresLeader {
            try client.put(PutRequest("key", "value"), deadline: .far)
            #expect(client.current == count)
        }
    }

    // MARK: - Without a majority

    @Test func clientOutlivesARestartOfAllMembers() throws {
        let cluster = try EtcdCluster()
        var configuration = try configuration(cluster, 0, 1, 2)
        configuration.retryTimeout = .milliseconds(300)
        let client = try EtcdClient(configuration)
        try client.put(PutRequest("key", "value"), deadline: .far)
        for member in 0..<3 { cluster.kill(member) }
        for _ in 0..<2 {
            let error = try #require(throws: EtcdError.self) { try client.get("key", deadline: .far) }
            #expect(error.code == .unreachable)
            #expect(error.attempts.map(\.endpoint) == configuration.endpoints.map(\.description))
            #expect(error.attempts.allSatisfy { $0.cause.contains("Connection refused") }, "\(error)")
        }
        for member in 0..<3 { try cluster.start(member) }
        for member in 0..<3 { try cluster.waitUntilHealthy(member) }
        #expect(try client.text("key") == "value")
        try client.put(PutRequest("key", "new"), deadline: .far)
        #expect(try client.text("key") == "new")
    }

    @Test(arguments: [ClusterFault.killed, .frozen, .cutOffFromEveryone])
    func lossOfTheMajorityNamesEachEndpointAndPasses(fault: ClusterFault) throws {
        let cluster = try EtcdCluster()
        var configuration = try configuration(cluster, 0, 1, 2)
        let client = try EtcdClient(configuration)
        try client.put(PutRequest("key", "value"), deadline: .far)
        configuration.retryTimeout = .seconds(1)
        configuration.requestTimeout = .seconds(1)
        configuration.connectTimeout = .milliseconds(500)
        let hasty = try EtcdClient(configuration)
        #expect(try hasty.text("key") == "value")

        for member in 0..<2 { try cluster.strike(member, with: fault) }
        try cluster.waitUntilLeaderless(2)
        for consistency in [RangeRequest.Consistency.linearizable, .serializable] {
            let request = RangeRequest(.single("key"), consistency: consistency)
            for client in [hasty, try EtcdClient(configuration)] {
                let error = try #require(throws: EtcdError.self) { try client.range(request, deadline: .far) }
                #expect(error.attempts.map(\.endpoint) == configuration.endpoints.map(\.description), "\(error)")
                #expect(error.attempts.last?.cause == "no leader", "\(error)")
                print("two members \(fault): \(error)")
            }
        }
        let error = try #require(throws: EtcdError.self) { try hasty.put(PutRequest("key", "lost"), deadline: .far) }
        #expect(error.advice != nil && !error.attempts.isEmpty, "\(error)")
        if fault == .killed {
            // Only a silent member may have taken it: one that was there once, and whose connection still stands.
            #expect(error.code != .outcomeUnknown, "a member without leader has not taken it: \(error)")
            #expect(error.attempts.map(\.endpoint) == configuration.endpoints.map(\.description), "\(error)")
        }

        try cluster.recover(0, from: fault)
        for client in [client, hasty] {
            #expect(["value", "lost"].contains(try client.text("key")))
            try client.put(PutRequest("after", "value"), deadline: .far)
        }
    }

    // MARK: - Users

    @Test func tokensOutliveMembersAndAreRenewedWhenAllHaveForgottenThem() throws {
        let cluster = try EtcdCluster()
        try cluster.enableAuthentication(
            EtcdUser("whereabouts", password: "a password", access: .readWrite(prefix: "auth/"))
        )
        let directory = try ScratchDirectory("tokens")
        var configuration = try configuration(cluster, 0, 1, 2)
        configuration.user = UserCredentials(name: "whereabouts", password: Secret("a password"))
        configuration.tokenCache = TokenCache(directory: directory.path("tokens"))
        let load = ClusterLoad(configuration, prefix: "auth/")
        for fault in [ClusterFault.killed, .cutOffFromPeers] {
            for member in 0..<3 {
                try load.awaitRounds(10)
                try cluster.strike(member, with: fault)
                try load.awaitRounds(10)
                // The next process, with the token that the cache has.
                #expect(try EtcdClient(configuration).get("auth/0", deadline: .far) != nil)
                try cluster.recover(member, from: fault)
            }
        }
        let report = try load.stop()
        let client = try EtcdClient(configuration)
        try load.expectNothingLost(report, by: client)
        print("members killed and cut off, with a user: \(report)")

        let before = client.authentication
        for member in 0..<3 { cluster.kill(member) }
        for member in 0..<3 { try cluster.start(member) }
        for member in 0..<3 { try cluster.waitUntilHealthy(member) }
        // A write on a connection that is gone has an unknown outcome; a read is repeated.
        _ = try client.get("auth/0", deadline: .far)
        try client.put(PutRequest("auth/restarted", "value"), deadline: .far)
        #expect(client.authentication != before)
        // Nor does the next process notice.
        let next = try EtcdClient(configuration)
        #expect(try next.text("auth/restarted") == "value")
    }
}
