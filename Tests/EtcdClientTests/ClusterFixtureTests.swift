import EtcdLab
import Foundation
import TestSupport
import Testing

/// The cluster that other tests rely on, as etcdctl and curl see it.
@Suite(.enabled(if: Host.isRoot), .serialized, .timeLimit(.minutes(15))) struct ClusterFixtureTests {
    /// Runs curl on a member from the host and returns its exit status: 0 for any answer, 7 for a connection that was
    /// refused, 28 for silence (curl(1)).
    private func curl(_ url: String) throws -> Int32 {
        try RunningProcess("/usr/bin/env", ["curl", "-sk", "--noproxy", "*", "--max-time", "2", "\(url)/version"])
            .wait().status
    }

    @Test func killedLeaderIsReplacedAndCatchesUpWhenItStarts() throws {
        let cluster = try EtcdCluster()
        let first = try cluster.waitForLeader()
        try cluster.etcdctl(at: first, "put", "key", "before")

        cluster.kill(first)
        let second = try cluster.waitForLeader()
        #expect(second != first)
        #expect(try curl(cluster.clientURLs[first]) == 7)
        try cluster.etcdctl(at: second, "put", "key", "after")

        try cluster.start(first)
        try cluster.waitUntilHealthy(first)
        #expect(try cluster.etcdctl(at: first, "get", "key", "--print-value-only") == "after\n")
    }

    @Test(arguments: [true, false])
    func memberWithoutPeersAnswersAndHasNoLeader(isLeader: Bool) throws {
        let cluster = try EtcdCluster()
        let leader = try cluster.waitForLeader()
        let member = isLeader ? leader : (leader + 1) % 3
        try cluster.etcdctl(at: member, "put", "key", "before")

        try cluster.isolate(member, from: .peers)
        try cluster.waitUntilLeaderless(member)
        let other = try cluster.waitForLeader()
        #expect(other != member)
        try cluster.etcdctl(at: other, "put", "key", "after")
        let stale = try cluster.etcdctl(at: member, "get", "key", "--print-value-only", "--consistency=s")
        #expect(stale == "before\n")
        #expect(throws: CommandFailure.self) {
            try cluster.etcdctl(at: member, "get", "key", "--command-timeout", "500ms")
        }

        try cluster.heal(member)
        try cluster.waitUntilHealthy(member)
        #expect(try cluster.etcdctl(at: member, "get", "key", "--print-value-only") == "after\n")
    }

    @Test func memberThatIsCutOffIsSilent() throws {
        let cluster = try EtcdCluster()
        let leader = try cluster.waitForLeader()
        try cluster.isolate(leader, from: .clients)
        #expect(try curl(cluster.clientURLs[leader]) == 28)
        // It leads on all the same.
        try cluster.waitUntilHealthy(leader)
        #expect(try cluster.waitForLeader() == leader)

        try cluster.isolate(leader, from: .everyone)
        try cluster.waitUntilLeaderless(leader)
        let other = try cluster.waitForLeader()
        #expect(other != leader)
        #expect(try curl(cluster.clientURLs[leader]) == 28)
        #expect(try curl(cluster.clientURLs[other]) == 0)

        try cluster.heal(leader)
        try cluster.waitUntilHealthy(leader)
        #expect(try curl(cluster.clientURLs[leader]) == 0)
    }

    @Test func frozenLeaderIsReplaced() throws {
        let cluster = try EtcdCluster()
        let leader = try cluster.waitForLeader()
        try cluster.freezeAndWait(leader)
        #expect(try cluster.waitForLeader() != leader)
        #expect(try curl(cluster.clientURLs[leader]) == 28)
        cluster.thaw(leader)
        try cluster.waitUntilHealthy(leader)
        #expect(try curl(cluster.clientURLs[leader]) == 0)
    }

    @Test func clusterServesByTLSAndAuthenticates() throws {
        let cluster = try EtcdCluster(security: .tls(clientAuthentication: true))
        // The certificate is good for each address.
        for url in cluster.clientURLs {
            let client = TLSFixture.clientECDSA
            let options = ["--cacert", TLSFixture.ca, "--cert", client.certificate, "--key", client.key]
            let command = ["curl", "-sS", "--noproxy", "*"] + options + ["\(url)/health"]
            #expect(try RunningProcess("/usr/bin/env", command).wait().output.contains(#""health":"true""#))
        }
        try cluster.enableAuthentication(EtcdUser("whereabouts", password: nil, access: .readWrite(prefix: "/w/")))
        for member in 0..<3 {
            try cluster.etcdctl(at: member, "put", "elsewhere", "as root")
        }
        cluster.kill(try cluster.waitForLeader())
        try cluster.etcdctl(at: try cluster.waitForLeader(), "put", "elsewhere", "as root")
    }

    @Test func clustersDoNotMeetAndLeaveNothing() throws {
        var subnets: [String] = []
        var namespaces: [String] = []
        do {
            let clusters = try (0..<2).map { _ in try EtcdCluster(members: 1) }
            for (number, cluster) in clusters.enumerated() {
                try cluster.etcdctl(at: 0, "put", "key", "\(number)")
                subnets.append(String(try #require(cluster.endpoints[0].split(separator: ":").first).dropLast(2)))
                namespaces += cluster.namespaces.map(\.name)
                #expect(kill(cluster.processIdentifiers[0], 0) == 0)
            }
            for (number, cluster) in clusters.enumerated() {
                #expect(try cluster.etcdctl(at: 0, "get", "key", "--print-value-only") == "\(number)\n")
            }
            let addresses = try RunningProcess.run("ip", "address")
            let names = try RunningProcess.run("ip", "netns", "list")
            let processes = try RunningProcess.run("ps", "-e", "-o", "args")
            #expect(subnets.allSatisfy { addresses.contains($0) && processes.contains("http://\($0)") })
            #expect(namespaces.allSatisfy { names.contains($0) })
        }
        #expect(Set(subnets).count == 2)
        let addresses = try RunningProcess.run("ip", "address")
        let names = try RunningProcess.run("ip", "netns", "list")
        let processes = try RunningProcess.run("ps", "-e", "-o", "args")
        #expect(subnets.allSatisfy { !addresses.contains($0) && !processes.contains("http://\($0)") })
        #expect(namespaces.allSatisfy { !names.contains($0) })
    }
}
