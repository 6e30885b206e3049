public import EtcdLab
internal import Foundation

/// The built `whereabouts` binary, called as a runtime calls it.
public enum Plugin {
    /// The binary: the one that WHEREABOUTS_PLUGIN names, else the debug build of this checkout.
    public static var path: String {
        ProcessInfo.processInfo.environment["WHEREABOUTS_PLUGIN"]
            ?? Checkout.root.appendingPathComponent(".build/debug/whereabouts").path
    }

    /// Starts the plugin with the environment that a runtime gives it.
    public static func start(
        _ command: String,
        container: String,
        interface: String = "eth0",
        arguments: String = "",
        environment: [String: String] = [:],
        asking nameServer: NameServer? = nil,
        configuration: String
    ) throws -> RunningProcess {
        var variables = [
            "CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": interface,
            "CNI_NETNS": "/var/run/netns/none", "CNI_PATH": "/opt/cni/bin", "NODENAME": "node-a",
        ]
        variables["CNI_ARGS"] = arguments.isEmpty ? nil : arguments
        variables.merge(environment) { $1 }
        let command = nameServer?.asking([path]) ?? [path]
        return try RunningProcess(
            command[0],
            Array(command.dropFirst()),
            environment: variables,
            input: Data(configuration.utf8),
            secret: PlantedPassword.text
        )
    }

    /// Calls the plugin and waits for its answer.
    public static func call(
        _ command: String,
        container: String,
        interface: String = "eth0",
        arguments: String = "",
        environment: [String: String] = [:],
        asking nameServer: NameServer? = nil,
        configuration: String
    ) throws -> RunningProcess.Outcome {
        try start(
            command,
            container: container,
            interface: interface,
            arguments: arguments,
            environment: environment,
            asking: nameServer,
            configuration: configuration
        ).wait()
    }

    /// A network configuration with an `ipam` object of the given members, a JSON text without its braces.
    ///
    /// Releases go to no journal unless one is given: the default one is this machine's.
    public static func configuration(
        etcd: String,
        version: String = "1.0.0",
        name: String = "lab",
        _ members: String = "\"range\": \"10.20.0.0/24\"",
        beside: String = "",
        journal: String = "none"
    ) -> String {
        let host = etcd.isEmpty ? "" : "\"etcd_host\": \"\(etcd)\", "
        return """
            {"cniVersion": "\(version)", "name": "\(name)", "type": "bridge"\(beside), "ipam": \
            {"type": "whereabouts", "release_journal": "\(journal)", \(host)\(members)}}
            """
    }
}

extension RunningProcess.Outcome {
    /// The JSON object on stdout; nil when there is none.
    public var json: [String: Any]? {
        (try? JSONSerialization.jsonObject(with: Data(output.utf8))) as? [String: Any]
    }

    /// The addresses of an ADD's result in the form of 0.3.0 and later, with their prefix lengths.
    public var addresses: [String] {
        ((json?["ips"] as? [[String: Any]]) ?? []).compactMap { $0["address"] as? String }
    }

    /// The code of an error object.
    public var errorCode: Int? { json?["code"] as? Int }

    /// The message and the details of an error object in one text.
    public var errorText: String {
        [json?["msg"], json?["details"]].compactMap { $0 as? String }.joined(separator: ": ")
    }
}
