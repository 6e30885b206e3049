internal import EtcdClient
internal import KubernetesClient
internal import KubernetesLab
internal import Testing

@testable internal import UpstreamStandIn

/// What stands in for upstream's plugin keeps to the lease.
@Suite(.timeLimit(.minutes(10))) struct LeaderElectionTests {
    private let kubeconfig: String

    init() throws {
        let server = try SharedServers.apiServer()
        kubeconfig = try server.kubeconfig(namespace: try server.makeNamespace())
    }

    private func election(_ identity: String) throws -> LeaderElection {
        LeaderElection(try KubernetesClient(.kubeconfig(path: kubeconfig)), identity: identity)
    }

    @Test func oneHoldsTheLeaseUntilItIsReleased() throws {
        let (first, second) = (try election("default/first"), try election("default/second"))
        try first.acquire(deadline: limit())
        #expect(throws: LeaderElection.Failure.self) { try second.acquire(deadline: .after(.milliseconds(10))) }
        first.release()
        try second.acquire(deadline: limit())
        #expect(throws: LeaderElection.Failure.self) { try first.acquire(deadline: .after(.milliseconds(10))) }
    }

    @Test func aHolderThatDoesNotRenewLosesTheLease() throws {
        let (first, second) = (try election("default/first"), try election("default/second"))
        try first.acquire(deadline: limit())
        try second.acquire(deadline: limit())
        #expect(throws: LeaderElection.Failure.self) { try first.renewIfDue() }
        // What it has lost it can't give away.
        first.release()
        try second.renewIfDue()
        #expect(throws: LeaderElection.Failure.self) { try first.acquire(deadline: .after(.milliseconds(10))) }
    }
}
