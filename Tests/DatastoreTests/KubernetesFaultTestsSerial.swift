internal import EtcdClient
internal import EtcdLab
internal import Foundation
internal import IPAM
internal import IPTypes
internal import KubernetesClient
internal import KubernetesLab
internal import TestSupport
internal import Testing

@testable internal import Whereabouts

/// Pods that come and go while the API server, its answers and the tokens fail.
@Suite(.timeLimit(.minutes(10))) struct KubernetesFaultTests: InPluginNamespace {
    /// Of the requests some are not carried out, and of the answers some are lost or late, writes' too.
    private static let rules = [
        "http-request return status 429 hdr Retry-After 1 if { rand(100) lt 1 }",
        "http-request return status 500 if { rand(100) lt 2 }",
        "http-request lua.wait if { rand(100) lt 1 }",
        "http-response set-status 500 if { rand(100) lt 4 }",
        "http-response lua.wait if { rand(100) lt 1 }",
    ]

    /// Where the calls of the library are made; the plugin's are on `node-a`.
    private static let nodes = (0..<5).map { "node-\($0)" }

    /// A call of the plugin that ended with an error.
    private struct PluginFailure: Error {
        let outcome: RunningProcess.Outcome
    }

    let server: APIServer
    let namespace: String
    /// Of a way without faults.
    let kubeconfig: String
    private let tokenFile: ScratchDirectory

    init() throws {
        server = try APIServer()
        (namespace, kubeconfig) = try server.makePluginNamespace()
        tokenFile = try ScratchDirectory("token")
    }

    /// Puts a token into its file that holds as long as a secret of this number.
    private func writeToken(_ number: Int) throws {
        let secret = "token-\(number)"
        try server.kubectl("create", "secret", "generic", secret, "--namespace", namespace)
        let token = try server.serviceAccountToken("whereabouts", namespace: namespace, secret: secret)
        try token.write(toFile: tokenFile.path("token"), atomically: true, encoding: .utf8)
    }

    private func endToken(_ number: Int) throws {
        try server.kubectl("delete", "secret", "token-\(number)", "--namespace", namespace)
    }

    private static func calls(
        _ kubeconfig: String,
        _ demands: [AllocationRequest.Demand],
        wanted: [AllocationRequest.Demand],
        node: String
    ) throws -> PodLoad.Calls {
        let client = try KubernetesClient(.kubeconfig(path: kubeconfig))
        let datastore = KubernetesDatastore(client, demands: demands, node: node)
        return PodLoad.Calls(
            add: { container, pod in
                let owner = AllocationOwner(
                    attachment: attachment(container),
                    pod: PodReference(namespace: "default", name: pod),
                    node: node,
                    network: "lab"
                )
                let request = AllocationRequest(owner: owner, podUID: nil, demands: wanted)
                return try datastore.allocate(request, begin: nil, deadline: limit(15)).map(
                    \.address.address.description
                )
            },
            delete: { container in
                try datastore.release(attachment(container), deadline: limit(15))
            },
            isExpected: { error in
                guard let error = error as? DatastoreError else { return false }
                guard case .kubernetes(let cause) = error else { return error.isUnavailability }
                // A server that has just started forbids everything until it has read the roles.
                return error.isUnavailability || [.unauthorized, .forbidden].contains(cause.code)
            }
        )
    }

    private static func pluginCalls(_ kubeconfig: String) -> PodLoad.Calls {
        let configuration = """
            {"cniVersion": "1.1.0", "name": "lab", "type": "bridge", "ipam": {
              "type": "whereabouts", "datastore": "kubernetes", "kubernetes": {"kubeconfig": "\(kubeconfig)"},
              "release_journal": "none", "add_timeout": 15, "del_timeout": 15,
              "ipRanges": [{"range": "10.0.0.0/20"}, {"range": "fd00::/64"}]}}
            """
        func call(_ command: String, _ container: String, pod: String = "") throws -> [String] {
            let arguments = "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=\(pod)"
            let outcome = try Plugin.call(
                command,
                container: container,
                arguments: arguments,
                configuration: configuration
            )
            guard outcome.status == 0 else { throw PluginFailure(outcome: outcome) }
            return outcome.addresses.compactMap { $0.split(separator: "/").first.map(String.init) }
        }
        return PodLoad.Calls(
            add: { container, pod in try call("ADD", container, pod: pod) },
            delete: { container in _ = try call("DEL", container) },
            isExpected: { error in
                guard let outcome = (error as? PluginFailure)?.outcome else { return false }
                return outcome.errorCode == 11
                    || outcome.errorCode == 102 && outcome.errorText.contains(/\(401\)|does not permit/)
            }
        )
    }

    @Test func nothingIsLostNorGivenTwice() throws {
        let front = try HTTPFront(to: server.port, rules: Self.rules)
        try writeToken(1)
        let troubled = try kubeconfig(by: front, user: #""tokenFile": "\#(tokenFile.path("token"))""#)
        let ranges = [try demand("10.0.0.0/20"), try demand("fd00::/64")]
        let load = PodLoad()
        let end = ContinuousClock.now + .seconds(35)
        let workers = (0..<12).map { worker in
            BackgroundCall {
                let calls =
                    try worker < 9
                    ? Self.calls(
                        troubled,
                        ranges,
                        wanted: worker % 2 == 0 ? ranges : [ranges[0]],
                        node: Self.nodes[worker % Self.nodes.count]
                    )
                    : Self.pluginCalls(troubled)
                load.run(worker, until: end, calls)
            }
        }
        Thread.sleep(forTimeInterval: 5)
        // As kubelet does it: the next token is there before the one of before ends.
        try writeToken(2)
        try endToken(1)
        server.stop()
        // Longer than the front tries to connect.
        Thread.sleep(forTimeInterval: 4)
        // Which also forgets whom it has known by the token that has ended.
        try server.start()
        Thread.sleep(forTimeInterval: 5)
        try endToken(2)
        server.stop()
        try server.start()
        Thread.sleep(forTimeInterval: 2)
        try writeToken(3)
        for worker in workers { try worker.value() }

        let statuses = Set(try front.requests(atLeast: 0).map { $0.split(separator: " ")[2] })
        #expect(statuses.isSuperset(of: ["200", "201", "401", "429", "500"]), "\(statuses)")
        #expect(load.flaws.isEmpty)
        let living = load.living
        // A machine that is busy does little in this time.
        #expect(living.count > 0)
        #expect(load.deleted.count > 20)
        #expect(load.failures > 0)
        try expectEntries(of: living, ranges)
        try expectRepair(load, ranges)
    }

    /// Those who live have both halves of their addresses, and nobody else has an entry.
    private func expectEntries(of living: [String: PodLoad.Pod], _ ranges: [AllocationRequest.Demand]) throws {
        let reservations = try reservationOwners()
        var entries: [String: Set<String>] = [:]
        for range in ranges {
            let name = try ObjectNames.pool(range.pool.range, networkName: "")
            for (offset, entry) in try pool(name) {
                let distance = try #require(UInt128(offset))
                let address = try #require(range.pool.range.first.advanced(by: distance))
                let container = try #require(entry["id"])
                entries[container, default: []].insert(address.description)
                let reservation = reservations[try ObjectNames.reservation(address, networkName: "")]
                #expect(reservation?["containerid"] == container, "\(address)")
            }
        }
        #expect(entries == living.mapValues { Set($0.addresses) })
    }

    /// A repeated DEL finds nothing, a repeated ADD what it had, and behind a GC there is nothing that is nobody's.
    private func expectRepair(_ load: PodLoad, _ ranges: [AllocationRequest.Demand]) throws {
        let datastore = KubernetesDatastore(
            try KubernetesClient(.kubeconfig(path: kubeconfig)),
            demands: ranges
        )
        let living = load.living
        for container in load.deleted.shuffled().prefix(50) {
            #expect(try datastore.release(attachment(container), deadline: limit()) == 0)
        }
        for (container, pod) in living.shuffled().prefix(20) {
            let wanted = Array(ranges.prefix(pod.addresses.count))
            let owner = AllocationOwner(
                attachment: attachment(container),
                pod: PodReference(namespace: "default", name: pod.name),
                node: "node-a",
                network: "lab"
            )
            let request = AllocationRequest(owner: owner, podUID: nil, demands: wanted)
            let again = try datastore.allocate(request, begin: nil, deadline: limit())
            #expect(again.map(\.address.address.description) == pod.addresses)
        }
        Thread.sleep(forTimeInterval: 4)
        for node in Self.nodes + ["node-a"] {
            let collection = datastore.collectGarbage(
                keeping: Set(living.keys.map { attachment($0) }),
                network: "lab",
                node: node,
                createdBefore: .now,
                deadline: limit()
            )
            #expect(collection.errors.isEmpty)
            #expect(collection.released == 0)
        }
        let names = try living.values.flatMap(\.addresses).map {
            try ObjectNames.reservation(IPAddress($0), networkName: "")
        }
        #expect(Set(try reservations().keys) == Set(names))
        for container in living.keys { try datastore.release(attachment(container), deadline: limit()) }
        #expect(try reservations().isEmpty)
        for range in ranges {
            #expect(try pool(ObjectNames.pool(range.pool.range, networkName: "")).isEmpty)
        }
    }
}
