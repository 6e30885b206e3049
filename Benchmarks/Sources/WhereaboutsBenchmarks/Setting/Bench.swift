internal import EtcdClient
internal import EtcdLab
internal import Foundation
internal import JSON
internal import KubernetesLab

/// Where things are measured: the plugin, the servers that were started, and a directory for everything that is made.
final class Bench {
    /// The plugin's file.
    let plugin: String
    /// The same with the names of its functions; nil where there is none.
    let namedPlugin: String?
    /// The file of what stands in for upstream's plugin.
    let standIn: String
    /// How much is measured.
    let scale: Scale

    private let scratch: ScratchDirectory
    /// They end with the bench, or when they are closed.
    private var servers: [AnyObject] = []

    /// Where Debian puts the reference plugin that keeps its addresses in files of one host.
    private static let hostLocal = "/usr/lib/cni/host-local"

    /// Makes the directory.
    init(plugin: String, namedPlugin: String?, standIn: String, scale: Scale) throws {
        self.plugin = plugin
        self.namedPlugin = namedPlugin
        self.standIn = standIn
        self.scale = scale
        scratch = try ScratchDirectory("benchmark")
    }

    /// Whether everything that is made lies in memory.
    var isInMemory: Bool { scratch.url.path.hasPrefix("/dev/shm/") }

    /// The path of a file that goes when the measuring ends.
    func path(_ name: String) -> String { scratch.path(name) }

    /// Starts an etcd with etcd's own times and cost of a password, which the lab changes otherwise.
    ///
    /// It makes a snapshot as often as etcd 3.6 does, because 3.4 by itself keeps ten times the changes in memory.
    func etcd(security: EtcdSecurity = .plain) throws -> EtcdServer {
        let server = try EtcdServer(
            security: security,
            arguments: [
                "--heartbeat-interval", "100", "--election-timeout", "1000", "--bcrypt-cost", "10",
                "--snapshot-count", "10000",
            ]
        )
        servers.append(server)
        return server
    }

    /// Starts an API server, with an etcd of its own.
    func cluster() throws -> Cluster {
        let server = try APIServer()
        servers.append(server)
        return Cluster(server: server)
    }

    /// Ends the servers that were started.
    func closeServers() {
        servers = []
    }

    /// Starts an etcd that asks for certificates, and returns it with the members of `ipam` for it.
    func etcdWithTLS() throws -> (server: EtcdServer, members: [String: String]) {
        let identity = TLSFixture.clientECDSA
        let members = [
            "etcd_ca_cert_file": TLSFixture.ca, "etcd_cert_file": identity.certificate, "etcd_key_file": identity.key,
        ]
        return (try etcd(security: .tls(server: .serverECDSA, clientAuthentication: true)), members)
    }

    /// Starts an etcd that asks for a user, and returns it with the members of `ipam` for it.
    func etcdWithUser() throws -> (server: EtcdServer, members: [String: String]) {
        let (name, password) = ("benchmark", "benchmark's password")
        let server = try etcd()
        try server.enableAuthentication(EtcdUser(name, password: password, access: .readWrite(prefix: "/whereabouts/")))
        return (server, ["etcd_username": name, "etcd_password": password])
    }

    /// Makes a network of the plugin, with the members of `ipam` beside those that every network has.
    ///
    /// Releases and tokens are kept apart from other networks', and from what lies about on the machine.
    func network(
        _ name: String,
        at server: EtcdServer,
        range: String,
        _ members: [String: String] = [:]
    ) throws -> Network {
        let store = Network.Store.etcd(endpoint: server.endpoint, networkName: members["network_name"] ?? "")
        return try network(
            name,
            store,
            range: range,
            members.merging(["etcd_host": server.endpoint]) { $1 }.mapValues(JSONValue.string)
        )
    }

    /// Makes a network of the plugin on any store.
    func network(
        _ name: String,
        _ store: Network.Store,
        range: String,
        _ members: [String: JSONValue]
    ) throws -> Network {
        let ipam: [String: JSONValue] = [
            "type": .string("whereabouts"), "range": .string(range),
            "release_journal": .string(path("releases-\(name)")), "etcd_token_cache": .string(path("tokens-\(name)")),
        ].merging(members) { $1 }
        return try network(name, plugin, store, ipam)
    }

    /// Makes a network of the reference plugin `host-local`.
    func hostLocal(_ name: String, range: String) throws -> Network {
        let data = path("host-local-\(name)")
        let ipam = ["type": "host-local", "subnet": range, "dataDir": data].mapValues(JSONValue.string)
        return try network(name, Self.hostLocal, .files(directory: "\(data)/benchmark"), ipam)
    }

    private func network(
        _ name: String,
        _ plugin: String,
        _ store: Network.Store,
        _ ipam: [String: JSONValue]
    ) throws -> Network {
        let configuration = JSONValue.object([
            "cniVersion": .string("1.0.0"), "name": .string("benchmark"), "type": .string("bridge"),
            "ipam": .object(ipam),
        ])
        let outputs = path("output-\(name)")
        try FileManager.default.createDirectory(atPath: outputs, withIntermediateDirectories: true)
        let file = path("\(name).json")
        try Data(configuration.encoded()).write(to: URL(fileURLWithPath: file))
        return Network(plugin: plugin, file: file, outputs: outputs, store: store)
    }
}
