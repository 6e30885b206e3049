import EtcdClient
import EtcdLab
import TestSupport
import Testing

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct LeaseTests {
    private let client: EtcdClient

    init() throws {
        client = try SharedEtcd.client()
    }

    @Test func grantedLeaseLivesAndIsListed() throws {
        let lease = try client.lease.grant(timeToLive: 600, deadline: .far)
        #expect(lease.id != 0)
        #expect(lease.timeToLive == 600)
        #expect(lease.header.memberID != 0)
        let status = try #require(try client.lease.timeToLive(of: lease.id, deadline: .far))
        #expect(status.id == lease.id)
        #expect(status.granted == 600)
        #expect((1...600).contains(status.remaining))
        #expect(status.keys.isEmpty)
        #expect(try client.lease.leases(deadline: .far).contains(lease.id))
    }

    @Test(arguments: [1, 4711, .max] as [Int64])
    func identifierCanBeChosenOnce(id: Int64) throws {
        #expect(try client.lease.grant(timeToLive: 600, id: id, deadline: .far).id == id)
        let error = try #require(throws: EtcdError.self) {
            try client.lease.grant(timeToLive: 600, id: id, deadline: .far)
        }
        #expect(error.code == .server(.leaseExists))
    }

    @Test func serverRaisesATimeToLiveThatIsTooShort() throws {
        let lease = try client.lease.grant(timeToLive: 0, deadline: .far)
        #expect(lease.timeToLive >= 1)
    }

    @Test func timeToLiveThatIsTooLongIsRefused() throws {
        let error = try #require(throws: EtcdError.self) {
            try client.lease.grant(timeToLive: 9_000_000_001, deadline: .far)
        }
        #expect(error.code == .server(.leaseTTLTooLarge))
    }

    @Test func leaseNamesItsKeysWhenAsked() throws {
        let lease = try client.lease.grant(timeToLive: 600, deadline: .far).id
        let keys: Set<Key> = ["named/a", "named/b", Key(Array("named/".utf8) + [0, 0xff])]
        for key in keys {
            try client.put(PutRequest(key, "x", lease: lease), deadline: .far)
        }
        let status = try #require(try client.lease.timeToLive(of: lease, withKeys: true, deadline: .far))
        #expect(status.keys.count == keys.count && Set(status.keys) == keys)
        #expect(try client.lease.timeToLive(of: lease, deadline: .far)?.keys == [])
    }

    @Test func revokedLeaseTakesItsKeysWithIt() throws {
        let lease = try client.lease.grant(timeToLive: 600, deadline: .far).id
        try client.put(PutRequest("revoked/leased", "x", lease: lease), deadline: .far)
        let put = try #require(try client.put(PutRequest("revoked/free", "x"), deadline: .far).header)
        #expect(try client.lease.revoke(lease, deadline: .far).revision > put.revision)
        #expect(
            try client.range(RangeRequest(.prefix("revoked/")), deadline: .far).keyValues.map(\.key) == ["revoked/free"]
        )
        #expect(try client.lease.timeToLive(of: lease, withKeys: true, deadline: .far) == nil)
        #expect(try !client.lease.leases(deadline: .far).contains(lease))
        let error = try #require(throws: EtcdError.self) { try client.lease.revoke(lease, deadline: .far) }
        #expect(error.code == .server(.leaseNotFound))
    }

    @Test func leaseEndsByItself() throws {
        let lease = try client.lease.grant(timeToLive: 5, deadline: .far).id
        try client.put(PutRequest("ended", "x", lease: lease), deadline: .far)
        let limit = Deadline.far
        while try client.get("ended", deadline: limit) != nil {}
        #expect(try client.lease.timeToLive(of: lease, deadline: .far) == nil)
    }

    @Test(arguments: [0, 815, -1] as [Int64])
    func leaseThatIsNotThereIsNil(id: Int64) throws {
        #expect(try client.lease.timeToLive(of: id, withKeys: true, deadline: .far) == nil)
    }
}
