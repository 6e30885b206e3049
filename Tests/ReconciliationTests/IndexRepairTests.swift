import EtcdClient
import IPAM
import IPTypes
import JSON
import Testing

@testable import Reconciliation
@testable import Whereabouts

/// What lacks its other half on etcd, and slices of nodes that are gone.
extension ReconcilerTests {
    @Test func halvesAreRepaired() throws {
        let names = ["c1", "c2", "c3", "c4"]
        for name in names {
            try add(name, pod: "web-\(name)")
            try add("x\(name)", pod: "live-\(name)", network: "blue")
        }
        let life = ScriptedLife(
            Dictionary(
                uniqueKeysWithValues: names.flatMap { ["web-\($0)", "live-\($0)"] }.map { ($0, PodState(uid: "u")) }
            )
        )
        // A record that lost an index key, index keys that lost their record, and a key of another revision.
        let keys = try client.range(RangeRequest(.prefix("/whereabouts/v1/")), deadline: Self.limit()).keyValues
        func delete(_ part: String) throws {
            let key = try #require(keys.first { $0.key.description.contains(part) }).key
            try client.deleteRange(DeleteRangeRequest(.single(key)), deadline: Self.limit())
        }
        try delete("/node/node-a/network:blue/ipv4/010.000.000.001")
        try delete("/pod/default/live-c2/eth0/network:blue")
        try delete("/attachment/xc3/eth0/network:blue")
        try delete("/address/network:blue/ipv4/010.000.000.004")
        #expect(try !datastore.audit(deadline: Self.limit()).inconsistencies.isEmpty)
        let planned = try reconcile(life) { $0.isDryRun = true }
        #expect(try !datastore.audit(deadline: Self.limit()).inconsistencies.isEmpty)
        let report = try reconcile(life)
        #expect(
            Set(report.repairs.map(\.kind)) == [.recordWithoutIndexKey, .indexKeyWithoutRecord],
            "\(report.repairs)"
        )
        #expect(!planned.repairs.isEmpty)
        try expectConsistency()
        #expect(try reconcile(life).repairs.isEmpty)
    }

    @Test func keysOfRetentionWithoutARecordGo() throws {
        let retaining = EtcdDatastore(client, retention: 3600)
        for name in ["c1", "c2", "c3"] {
            try add(name, pod: "web-\(name)")
            try retaining.release(Attachment(containerID: name, interfaceName: "eth0"), deadline: Self.limit())
        }
        func keys() throws -> [String] {
            let found = try client.range(RangeRequest(.prefix("/whereabouts/v1/retained/")), deadline: Self.limit())
            return found.keyValues.map(\.key.description)
        }
        let before = try keys()
        #expect(before.count == 3)
        // One record is lost, and one is another owner's, as by something other than this program.
        func record(_ number: Int) throws -> Key { KeySpace.address("default", try IPAddress("10.0.0.\(number)")) }
        try client.deleteRange(DeleteRangeRequest(.single(record(1))), deadline: Self.limit())
        let owner = AllocationOwner(
            attachment: Attachment(containerID: "x", interfaceName: "eth0"),
            pod: PodReference(namespace: "default", name: "live"),
            node: "node-a",
            network: "lab"
        )
        let other = AllocationRecord(owner: owner, podUID: nil, range: "10.0.0.0/16", created: .now)
        try client.put(PutRequest(record(2), RecordCoding.encode(other)), deadline: Self.limit())
        let life = ScriptedLife("live")
        let planned = try reconcile(life) { $0.isDryRun = true }
        let subjects = Set(planned.repairs.map(\.subject))
        #expect(subjects.isSuperset(of: before.prefix(2)) && !subjects.contains(before[2]), "\(planned.repairs)")
        #expect(try keys() == before)
        _ = try reconcile(life)
        #expect(try keys() == [before[2]])
        #expect(try owners() == ["x", "c3"])
        try expectConsistency()
        #expect(try reconcile(life).repairs.isEmpty)
    }

    @Test func slicesOfNodesThatAreGoneAreFree() throws {
        let sliced = AllocationRequest.Demand(
            domain: AllocationDomain(networkName: "blue"),
            pool: AddressPool(range: try IPPrefix("10.2.0.0/24"), excluding: IPRangeSet([])),
            sliceLength: 28
        )
        for node in ["node-a", "node-b", "node-c"] {
            let owner = AllocationOwner(
                attachment: Attachment(containerID: "c-\(node)", interfaceName: "eth0"),
                pod: PodReference(namespace: "default", name: "live"),
                node: node,
                network: "lab"
            )
            let request = AllocationRequest(owner: owner, podUID: nil, demands: [sliced])
            _ = try EtcdDatastore(client, node: node).allocate(request, deadline: Self.limit())
            if node != "node-c" { try datastore.release(owner.attachment, deadline: Self.limit()) }
        }
        func slices() throws -> [NodeSlice] {
            let found = try client.range(RangeRequest(.prefix("/whereabouts/v1/slice/")), deadline: Self.limit())
            return try found.keyValues.map { try NodeSlice($0) }
        }
        #expect(try slices().count == 3)
        // Young ones are about to be used.
        #expect(try reconcile(ScriptedLife("live"), nodes: ["node-a"]).repairs.isEmpty)
        for prefix in ["slice/", "node-slice/"] {
            let range = KeyRange.prefix(Key("/whereabouts/v1/" + prefix))
            for keyValue in try client.range(RangeRequest(range), deadline: Self.limit()).keyValues {
                let slice = try NodeSlice(keyValue)
                let old = NodeSlice(slice.prefix, of: slice.node, claimed: 0)
                try client.put(PutRequest(keyValue.key, old.encoded), deadline: Self.limit())
            }
        }
        for nodes in [nil, []] as [Set<String>?] {
            let kinds = try reconcile(ScriptedLife("live"), nodes: nodes).repairs.map(\.kind)
            #expect(!kinds.contains(.sliceOfMissingNode))
        }
        let repairs = try reconcile(ScriptedLife("live"), nodes: ["node-a"]).repairs
        #expect(repairs.map(\.kind) == [.sliceOfMissingNode], "\(repairs)")
        // That of node-c is in use, and node-a is there.
        #expect(Set(try slices().map(\.node)) == ["node-a", "node-c"])
        let keys = try client.count(.prefix("/whereabouts/v1/node-slice/"), deadline: Self.limit())
        #expect(keys == 2)
    }
}
