import CNI
import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import JSON
import TestSupport
import Testing

@testable import Whereabouts

/// The examples of the user's document on the extended configuration, as they stand there.
@Suite struct ConfigurationSeedTests {
    @Test func theFirstExampleLoads() throws {
        let example = """
            {
            "cniVersion": "0.3.0",
            "name": "whereaboutsexample",
            "type": "macvlan",
            "master": "eth0",
            "mode": "bridge",
            "ipam": {
            "type": "whereabouts",
            "etcd_host": "example-etcd-cluster-client.cluster.local:2379",
            "range": "192.168.2.225/28",
            "exclude": [
            "192.168.2.229/30",
            "192.168.2.236/32"
            ],
            "log_file" : "/tmp/whereabouts.log",
            "log_level" : "debug",
            "gateway": "192.168.2.1"
            }
            }
            """
        let configuration = try ConfigurationLoader.load(network: example, version: .v030)
        #expect(configuration.demands.count == 1)
        let pool = try #require(configuration.demands.first).pool
        #expect(pool.range.description == "192.168.2.224/28")
        #expect(pool.bounds.description == "192.168.2.225-192.168.2.238")
        // 192.168.2.229/30 is 192.168.2.228/30 with a host bit.
        #expect(
            pool.allocatable.description
                == "[192.168.2.225-192.168.2.227, 192.168.2.232-192.168.2.235, 192.168.2.237-192.168.2.238]"
        )
        #expect(configuration.demands.first?.domain.keyPart == "default")
        #expect(configuration.gateway == (try IPAddress("192.168.2.1")))
        #expect(
            configuration.store.etcd?.endpoints
                == [Endpoint(host: "example-etcd-cluster-client.cluster.local", port: 2379)]
        )
        #expect(configuration.log.file == "/tmp/whereabouts.log")
        #expect(configuration.log.level == LogSettings.levels["debug"])
        #expect(configuration.network == "whereaboutsexample")
        #expect(configuration.notes.isEmpty)
    }

    static let flatFile = """
        {
        "datastore": "kubernetes",
        "kubernetes": {
        "kubeconfig": "/etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig"
        },
        "log_file": "/tmp/whereabouts.log",
        "log_level": "debug"
        }
        """

    /// The `config` of the NetworkAttachmentDefinition.
    static let shortNetwork = """
        {
        "cniVersion": "0.3.0",
        "name": "whereaboutsexample",
        "type": "macvlan",
        "master": "eth0",
        "mode": "bridge",
        "ipam": {
        "type": "whereabouts",
        "range": "192.168.2.225/28"
        }
        }
        """

    @Test func theShortNetworkIsFilledUpFromTheFlatFileOfTheKubernetesDatastore() throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("whereabouts.conf", Self.flatFile)
        let configuration = try ConfigurationLoader.load(
            network: Self.shortNetwork,
            version: .v030,
            flatFilePaths: [file]
        )
        guard case .kubernetes(let kubernetes) = configuration.store else {
            Issue.record("not the Kubernetes datastore")
            return
        }
        #expect(kubernetes.kubeconfig == "/etc/cni/net.d/whereabouts.d/whereabouts.kubeconfig")
        #expect(kubernetes.group == "whereabouts.cni.cncf.io")
        #expect(configuration.demands.map(\.pool.range.description) == ["192.168.2.224/28"])
    }

    @Test(arguments: [
        // The datastore exchanged, the default, and the network's own choice over that of the file.
        (#""datastore": "etcd", "etcd_host": "etcd.example:2379""#, ""),
        (#""etcd_host": "etcd.example:2379""#, ""),
        (#""datastore": "kubernetes""#, #""datastore": "etcd", "etcd_host": "etcd.example:2379","#),
    ])
    func theShortNetworkIsFilledUpFromTheFlatFile(datastore: String, inNetwork: String) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            "whereabouts.conf",
            Self.flatFile.replacing(#""datastore": "kubernetes""#, with: datastore)
        )
        let configuration = try ConfigurationLoader.load(
            network: Self.shortNetwork.replacing(#""range""#, with: inNetwork + #""range""#),
            version: .v030,
            flatFilePaths: [file]
        )
        #expect(configuration.demands.map(\.pool.range.description) == ["192.168.2.224/28"])
        #expect(configuration.demands.first?.pool.allocatable.count == 14)
        #expect(configuration.store.etcd?.endpoints == [Endpoint(host: "etcd.example", port: 2379)])
        #expect(configuration.log.file == "/tmp/whereabouts.log")
        #expect(configuration.log.level == LogSettings.levels["debug"])
        #expect(configuration.gateway == nil)
        #expect(configuration.notes.isEmpty)
    }

    @Test func theFixedPlacesOfTheFlatFileAreThoseOfTheDocument() {
        let places = [
            "/etc/kubernetes/cni/net.d/whereabouts.d/whereabouts.conf",
            "/etc/cni/net.d/whereabouts.d/whereabouts.conf",
        ]
        #expect(ConfigurationLoader(environment: [:]).flatFilePaths == places)
    }
}

extension ConfigurationLoader {
    /// Loads a whole network configuration, without this machine's flat file.
    static func load(
        network: String,
        version: CNIVersion = .v100,
        arguments: String = "",
        environment: [String: String] = ["NODENAME": "node-a"],
        flatFilePaths: [String] = []
    ) throws -> IPAMConfiguration {
        let json = try JSONValue(parsing: Array(network.utf8))
        let invocation = CNIInvocation(
            command: .add,
            containerID: "c1",
            interfaceName: "eth0",
            arguments: try CNIArguments(parsing: arguments),
            version: version,
            networkName: try #require(json.text("name")),
            configuration: json
        )
        return try ConfigurationLoader(environment: environment, flatFilePaths: flatFilePaths).load(invocation)
    }

    /// Loads a network whose `ipam` object has the given members, a JSON text without its braces.
    ///
    /// Members that are not given are those of a good configuration: of equal keys the last counts.
    static func load(
        _ members: String,
        version: CNIVersion = .v100,
        arguments: String = "",
        environment: [String: String] = ["NODENAME": "node-a"],
        flatFilePaths: [String] = []
    ) throws -> IPAMConfiguration {
        let good = #""type": "whereabouts", "etcd_host": "etcd.example:2379", "range": "10.0.0.0/24""#
        let ipam = members.isEmpty ? good : good + ", " + members
        return try load(
            network: "{\"name\": \"lab\", \"ipam\": {\(ipam)}}",
            version: version,
            arguments: arguments,
            environment: environment,
            flatFilePaths: flatFilePaths
        )
    }
}

extension JSONValue {
    /// The text of a member that must be one.
    fileprivate func text(_ name: String) -> String? {
        guard case .string(let text) = member(name) else { return nil }
        return text
    }
}
