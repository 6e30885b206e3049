import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// How large a claim is, which etcd limits.
@Suite(.timeLimit(.minutes(15))) struct ClaimSizeTests {
    private let fixture: DatastoreFixture

    init() throws {
        fixture = try DatastoreFixture()
    }

    /// Ranges with excluded addresses in their midst, whose free keys are read stretch by stretch.
    @Test(arguments: [1, 2, 3, 4, 5, 12, 25], [false, true])
    func brokenRangesFitIntoATransaction(count: Int, isConfined: Bool) throws {
        let choices: [(AllocationPolicy.Strategy, Int64)] = [(.lowest, 0), (.lowest, 60), (.next, 60)]
        for (strategy, delay) in choices {
            for retention in [0, 3600] as [Int64] {
                let policy = AllocationPolicy(strategy: strategy, reuseDelay: delay, retention: retention)
                let network = "\(strategy)-\(delay)-\(retention)"
                let demands = try (0..<count).map { number in
                    try DatastoreFixture.demand(
                        "10.\(number).0.0/24",
                        exclude: (1...6).map { "10.\(number).0.\($0 * 3)" },
                        network: network,
                        confined: isConfined
                    )
                }
                for (container, pod) in [("a", "web-0"), ("b", "web-1"), ("c", "web-0")] {
                    let request = DatastoreFixture.request(
                        "\(network)-\(container)",
                        pod: "\(network)-\(pod)",
                        demands,
                        policy: policy
                    )
                    let given = try fixture.datastore.allocate(request, deadline: .after(.seconds(60)))
                    let last = given.map { $0.address.address.description.last }
                    #expect(last == given.map { _ in container == "b" ? "2" : "1" })
                }
                for container in ["b", "c"] {
                    let attachment = Attachment(containerID: "\(network)-\(container)", interfaceName: "eth0")
                    let datastore = EtcdDatastore(fixture.client, retention: retention)
                    #expect(try datastore.release(attachment, deadline: .after(.seconds(60))) == count)
                }
            }
        }
        try fixture.expectConsistency()
    }

    @Test func operationsAreCountedAsEtcdCountsThem() throws {
        // A transaction of each size around the limit is accepted or refused as counted.
        func nested(_ levels: [Int]) -> Txn {
            let operations = (0..<levels[0]).map { TxnOperation.put(PutRequest(Key("n\(levels.count)-\($0)"), "")) }
            guard levels.count > 1 else { return Txn(then: operations) }
            return Txn(then: operations.dropLast() + [.txn(nested(Array(levels.dropFirst())))])
        }
        for levels in [[128], [129], [64, 64], [64, 65], [40, 40, 48], [40, 40, 49]] {
            let txn = nested(levels)
            #expect(txn.operationCount == levels.reduce(0, +))
            let isAccepted = txn.operationCount <= ClaimTxn.operationLimit
            if isAccepted {
                _ = try fixture.client.commit(txn, deadline: .after(.seconds(20)))
            } else {
                let error = #expect(throws: EtcdError.self) {
                    try fixture.client.commit(txn, deadline: .after(.seconds(20)))
                }
                #expect(error?.code == .server(.tooManyOperations))
            }
        }
    }
}
