internal import CNI
internal import EtcdClient
internal import IPTypes
internal import JSON
internal import KubernetesClient

/// Upstream's plugin as far as its protocol goes: each call has the cluster's lease, looks whether the pool objects can be listed, and does its work on one range.
///
/// Of the configuration it reads `range` and `kubernetes.kubeconfig`, which stand where our plugin reads them too. A DEL that fails says so, where upstream's
/// ends with success.
struct StandInPlugin: CNIPlugin {
    /// How long upstream's ADD and DEL wait for the lease and work, and how long the work alone may take.
    private static let (addLimit, deleteLimit) = (Duration.seconds(120), Duration.seconds(60))
    private static let workLimit = Duration.seconds(10)

    func add(_ invocation: CNIInvocation) throws(CNIError) -> CNIResult {
        let pod = Self.pod(invocation)
        return try leading(invocation, before: .after(Self.addLimit)) { writer, range in
            let address = try writer.add(invocation.containerID, pod: pod, interface: invocation.interfaceName)
            let ip = InterfaceAddress(address, prefixLength: range.length) ?? InterfaceAddress(host: address)
            return CNIResult(ips: [.init(address: ip)])
        }
    }

    func delete(_ invocation: CNIInvocation) throws(CNIError) {
        try leading(invocation, before: .after(Self.deleteLimit)) { writer, _ in
            try writer.delete(invocation.containerID, interface: invocation.interfaceName)
        }
    }

    func check(_ invocation: CNIInvocation, previousResult: CNIResult) throws(CNIError) {
        throw CNIError(.unsupportedField, "CNI CHECK method is not implemented")
    }

    /// As upstream, which has no handler: nothing is freed.
    func garbageCollect(_ invocation: CNIInvocation, validAttachments: [CNIAttachment]?) throws(CNIError) {}

    /// As upstream, which has no handler: it is always ready.
    func status(_ invocation: CNIInvocation) throws(CNIError) {}

    private static func pod(_ invocation: CNIInvocation) -> String {
        "\(invocation.arguments.podNamespace ?? "")/\(invocation.arguments.podName ?? "")"
    }

    /// Does something as the holder of the lease, which is released whatever comes of it.
    private func leading<Value>(
        _ invocation: CNIInvocation,
        before deadline: Deadline,
        _ work: (UpstreamWriter, IPPrefix) throws -> Value
    ) throws(CNIError) -> Value {
        let ipam = invocation.configuration.member("ipam")
        guard case .string(let text)? = ipam?.member("range"), let range = try? IPPrefix(text),
            case .string(let kubeconfig)? = ipam?.member("kubernetes")?.member("kubeconfig")
        else {
            throw CNIError(.invalidConfiguration, "range and kubernetes.kubeconfig are needed")
        }
        do {
            let client = try KubernetesClient(.kubeconfig(path: kubeconfig))
            let election = LeaderElection(client, identity: Self.pod(invocation))
            try election.acquire(deadline: deadline)
            defer { election.release() }
            let limit = min(deadline, .after(Self.workLimit))
            let writer = UpstreamWriter(client, range: range, election: election, deadline: limit)
            try writer.checkConnectivity()
            return try work(writer, range)
        } catch {
            throw CNIError(.tryAgainLater, "error at storage engine", details: "\(error)")
        }
    }
}
