import EtcdClient
import EtcdLab
import Foundation
import TestSupport
import Testing

/// The plugin against three members, of which the leader is killed, frozen or cut off again and again.
///
/// WHEREABOUTS_STORM_ROUNDS says how often; it is part of CI with a few rounds.
@Suite(.enabled(if: Host.isRoot, "network namespaces need root"), .serialized, .timeLimit(.minutes(20)))
struct ClusterStormTestsSerial {
    private static let rounds = ProcessInfo.processInfo.environment["WHEREABOUTS_STORM_ROUNDS"].flatMap(Int.init) ?? 6
    private static let faults = [ClusterFault.killed, .frozen, .cutOffFromPeers]

    @Test(arguments: [false, true]) func leadersThatFailInTurnCostTimeAndNothingElse(isSecure: Bool) throws {
        let cluster = try EtcdCluster(security: isSecure ? .tls(clientAuthentication: true) : .plain)
        var members = #""ipRanges": [{"range": "10.20.0.0/24"}, {"range": "fd00:20::/64"}]"#
        var etcd = EtcdConfiguration(endpoints: try Endpoint.list(cluster.clientURLs))
        let tokens = try ScratchDirectory("storm-tokens")
        if isSecure {
            let (user, password, identity) = ("whereabouts", "hunter2", TLSFixture.clientNobody)
            try cluster.enableAuthentication(
                EtcdUser(user, password: password, access: .readWrite(prefix: "/whereabouts/"))
            )
            etcd.user = UserCredentials(name: user, password: Secret(password))
            etcd.tls = TLSConfiguration(
                caFile: TLSFixture.ca,
                certificateFile: identity.certificate,
                keyFile: identity.key
            )
            members += """
                , "etcd_username": "\(user)", "etcd_password": "\(password)", "etcd_token_cache": "\(tokens.path("cache"))", \
                "etcd_ca_cert_file": "\(TLSFixture.ca)", "etcd_cert_file": "\(identity.certificate)", \
                "etcd_key_file": "\(identity.key)"
                """
        }
        let configuration = Plugin.configuration(etcd: cluster.clientURLs.joined(separator: ","), members)
        let storm = Storm(configuration: configuration)
        let workers = (0..<4).map { worker in
            BackgroundCall { try storm.addAndDelete(worker: worker) }
        }
        for round in 0..<Self.rounds {
            let fault = Self.faults[round % Self.faults.count]
            let leader = try cluster.waitForLeader()
            storm.report.begin("\(fault)")
            try cluster.strike(leader, with: fault)
            try storm.awaitCalls(24)
            storm.report.begin("\(fault), over")
            try cluster.recover(leader, from: fault)
            try storm.awaitCalls(12)
        }
        storm.stop()
        let live = try workers.flatMap { try $0.value() }
        print("\(Self.rounds) rounds\(isSecure ? " over TLS with a user" : ""). \(storm.report)")

        let client = try EtcdClient(etcd)
        func keys(_ prefix: String) throws -> [String] {
            let range = KeyRange.prefix(Key("/whereabouts/v1/\(prefix)/"))
            return try client.range(RangeRequest(range, projection: .keysOnly), deadline: .after(.seconds(30)))
                .keyValues.map(\.key.description)
        }
        // What was acknowledged is there, and nothing else.
        #expect(try keys("address").count == live.count)
        #expect(storm.addresses == Set(live))
        try storm.deleteAll()
        for kind in ["address", "attachment", "node", "pod"] {
            #expect(try keys(kind).isEmpty)
        }
    }
}
