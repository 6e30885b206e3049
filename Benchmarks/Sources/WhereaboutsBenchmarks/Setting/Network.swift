internal import CNI
internal import EtcdClient
internal import Foundation
internal import IPTypes
internal import Whereabouts

/// A network of a plugin, ours or another one.
struct Network: Sendable {
    /// Where the plugin keeps what it has given out.
    enum Store: Sendable {
        case etcd(endpoint: String, networkName: String)
        /// Upstream's objects in the namespace of a kubeconfig, whose user may list them.
        case kubernetes(kubeconfig: String)
        /// A file for each address.
        case files(directory: String)
    }

    /// Addresses that disagree with what was called.
    struct WrongAddresses: Error, CustomStringConvertible {
        let description: String
    }

    /// The plugin's file.
    var plugin: String
    /// The network configuration's file.
    let file: String
    /// The directory that takes what calls print.
    let outputs: String
    let store: Store

    /// A call as a runtime makes it for a pod, on a node of another name than the machine's if one is given.
    func call(_ command: CNICommand, _ pod: String, interface: String = "eth0", node: String? = nil) -> Invocation {
        var environment = [
            "CNI_COMMAND": command.rawValue, "CNI_CONTAINERID": pod, "CNI_IFNAME": interface,
            "CNI_NETNS": "/var/run/netns/none", "CNI_PATH": "/usr/lib/cni",
            "CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=benchmark;K8S_POD_NAME=\(pod)",
        ]
        environment["NODENAME"] = node
        return Invocation(
            executable: plugin,
            environment: environment,
            input: file,
            output: "\(outputs)/\(command.rawValue)-\(pod)-\(interface)"
        )
    }

    /// The address that an ADD has printed.
    static func address(from call: Invocation) throws -> String {
        let output = try Data(contentsOf: URL(fileURLWithPath: call.output))
        guard let address = try JSONDecoder().decode(AddResult.self, from: output).ips.first?.address else {
            throw WrongAddresses(description: "an ADD gave no address: \(String(decoding: output, as: UTF8.self))")
        }
        return address
    }

    /// The number of addresses that are given out, by what the plugin has stored.
    ///
    /// - Throws: `WrongAddresses` when a store's records and index keys disagree.
    func countOfRecords() throws -> Int {
        switch store {
        case .etcd(let endpoint, let networkName):
            let client = try EtcdClient(connectionString: endpoint)
            let audit = try EtcdDatastore(client).audit(networkName: networkName, deadline: .after(.seconds(60)))
            if let first = audit.inconsistencies.first { throw WrongAddresses(description: first) }
            return audit.entries.count
        case .kubernetes(let kubeconfig):
            return try UpstreamObjects(kubeconfig: kubeconfig).countOfAddresses()
        case .files(let directory):
            return try FileManager.default.contentsOfDirectory(atPath: directory)
                .count { (try? IPAddress($0)) != nil }
        }
    }

    /// Makes sure that each of some ADDs was given an address of its own, and that nothing else is stored.
    ///
    /// - Throws: `WrongAddresses`.
    func check(_ calls: [Invocation]) throws {
        let addresses = Set(try calls.map(Self.address))
        guard addresses.count == calls.count else {
            throw WrongAddresses(description: "\(calls.count) ADDs have only \(addresses.count) addresses")
        }
        try check(records: calls.count)
    }

    /// Makes sure that so many addresses are given out.
    ///
    /// - Throws: `WrongAddresses`.
    func check(records: Int) throws {
        let count = try countOfRecords()
        guard count == records else {
            throw WrongAddresses(description: "\(count) addresses are stored and not \(records)")
        }
    }
}

/// The part of an ADD's result that counts here.
private struct AddResult: Decodable {
    struct IP: Decodable {
        let address: String
    }

    let ips: [IP]
}
