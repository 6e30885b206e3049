import EtcdClient
import EtcdLab
import TestSupport
import Testing

/// The plugin with one name that DNS has for all members of a cluster, as a service of Kubernetes or a record of the lab's.
@Suite(.enabled(if: Host.isRoot, "network namespaces need root"), .serialized, .timeLimit(.minutes(15)))
struct ClusterNameTests {
    private static let name = "example-etcd-cluster-client.default.svc.cluster.local"

    @Test func pluginIsServedWhicheverMemberFails() throws {
        let cluster = try EtcdCluster()
        let addresses = cluster.clientAddresses
        let server = try NameServer([Self.name: addresses], in: cluster.namespaces[0], at: addresses[0])
        let configuration = Plugin.configuration(etcd: Self.name, "\"range\": \"10.20.0.0/24\"")
        var given: [String] = []
        for fault in [ClusterFault?.none, .frozen, .cutOffFromPeers, .killed] {
            for member in fault == nil ? [0] : [0, 2] {
                if let fault { try cluster.strike(member, with: fault) }
                // An election may take longer than a runtime's first try, and then heals by the second.
                try cluster.waitForLeader()
                let begin = Deadline.now
                for number in 0..<6 {
                    let add = try Plugin.call(
                        "ADD",
                        container: "\(fault.map { "\($0)" } ?? "well")-\(member)-\(number)",
                        asking: server,
                        configuration: configuration
                    )
                    #expect(add.addresses.count == 1, "\(add)")
                    given += add.addresses
                }
                let elapsed = Deadline.now.duration(since: begin)
                print("one name, member \(member) \(fault.map { "\($0)" } ?? "well"): 6 ADDs in \(elapsed)")
                if let fault { try cluster.recover(member, from: fault) }
            }
        }
        #expect(Set(given).count == 42)
    }

    @Test func nameThatDNSDoesNotHaveIsSaidToBeUnknown() throws {
        let cluster = try EtcdCluster(members: 1)
        let address = cluster.clientAddresses[0]
        let server = try NameServer(["other.example": [address]], in: cluster.namespaces[0], at: address)
        let configuration = Plugin.configuration(etcd: Self.name, "\"range\": \"10.20.0.0/24\"")
        let add = try Plugin.call("ADD", container: "c", asking: server, configuration: configuration)
        #expect(add.errorCode == 11, "\(add)")
        #expect(add.errorText.contains("its name can't be resolved"), "\(add)")
        #expect(add.errorText.contains("\"Host DNS\" in the README"), "\(add)")
    }
}
