import EtcdClient
import Foundation
import IPAM
import Whereabouts

/// What is measured: the plugin on networks of an etcd, and the programs that it is compared with.
struct Subjects {
    private let plugin: String
    private let etcd: Etcd
    private let hostLocalConfiguration: String
    private var configurations: [String: String]
    private let scratch: ScratchDirectory
    let floor: Program

    init(plugin: String, etcd: Etcd, scratch: ScratchDirectory) throws {
        self.plugin = plugin
        self.etcd = etcd
        self.scratch = scratch
        var configurations: [String: String] = [:]
        for network in ["empty", "full"] {
            configurations[network] = try scratch.file(
                "\(network).json",
                """
                {"cniVersion": "1.0.0", "name": "benchmark", "type": "bridge", "ipam": {"type": "whereabouts", \
                "etcd_host": "\(etcd.endpoint)", "range": "10.20.0.0/16", "network_name": "\(network)"}}
                """
            )
        }
        self.configurations = configurations
        hostLocalConfiguration = try scratch.file(
            "host-local.json",
            """
            {"cniVersion": "1.0.0", "name": "benchmark", "type": "bridge", "ipam": {"type": "host-local", \
            "subnet": "10.20.0.0/16", "dataDir": "\(scratch.path)/host-local"}}
            """
        )
        let source = try scratch.file(
            "hello.c",
            "#include <unistd.h>\nint main(void) { return write(1, \"hello\\n\", 6) != 6; }\n"
        )
        try Program(
            executable: "/usr/bin/cc",
            arguments: ["-static", "-O2", "-o", "\(scratch.path)/hello", source],
            environment: ["PATH": "/usr/bin:/bin"]
        ).run()
        floor = Program(executable: "\(scratch.path)/hello")
    }

    private static func environment(_ command: String, container: String = "measured") -> [String: String] {
        [
            "CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": "eth0",
            "CNI_NETNS": "/var/run/netns/none", "CNI_PATH": "/usr/lib/cni",
        ]
    }

    /// Makes a network with further members of `ipam`, JSON without braces, on another etcd.
    mutating func addNetwork(_ network: String, etcd: Etcd, _ members: String) throws {
        configurations[network] = try scratch.file(
            "\(network).json",
            """
            {"cniVersion": "1.0.0", "name": "benchmark", "type": "bridge", "ipam": {"type": "whereabouts", \
            "etcd_host": "\(etcd.endpoint)", "range": "10.20.0.0/16", "network_name": "\(network)", \(members)}}
            """
        )
    }

    /// An ADD on a network.
    func add(_ network: String) -> Program { call("ADD", network) }

    /// A DEL on a network.
    func delete(_ network: String) -> Program { call("DEL", network) }

    private func call(_ command: String, _ network: String) -> Program {
        Program(
            executable: plugin,
            environment: Self.environment(command, container: "measured-\(network)"),
            input: configurations[network] ?? "/dev/null"
        )
    }

    /// A call of the reference plugin that keeps its addresses in files of one host.
    func hostLocal(_ command: String) -> Program {
        Program(
            executable: "/usr/lib/cni/host-local",
            environment: Self.environment(command),
            input: hostLocalConfiguration
        )
    }

    /// A write of one key by etcd's own command line client.
    var etcdctlPut: Program {
        Program(
            executable: "/usr/bin/etcdctl",
            arguments: ["--endpoints", etcd.endpoint, "put", "benchmark", "value"],
            environment: ["ETCDCTL_API": "3", "HOME": "/"]
        )
    }

    /// Takes addresses of a network, by the calls that the plugin makes for an ADD.
    func fill(_ network: String, count: Int) throws {
        let datastore = EtcdDatastore(try EtcdClient(connectionString: etcd.endpoint))
        let pool = try RangeSpecification(range: "10.20.0.0/16").pool(excludingGateways: [], boundsSyntax: .strict)
        let demand = AllocationRequest.Demand(domain: AllocationDomain(networkName: network), pool: pool)
        for index in 0..<count {
            let owner = AllocationOwner(
                attachment: Attachment(containerID: "fill-\(index)", interfaceName: "eth0"),
                pod: PodReference(namespace: "default", name: "fill-\(index)"),
                node: "node-\(index % 500)",
                network: "benchmark"
            )
            let request = AllocationRequest(owner: owner, podUID: nil, demands: [demand])
            _ = try datastore.allocate(request, deadline: .after(.seconds(30)))
        }
    }
}
