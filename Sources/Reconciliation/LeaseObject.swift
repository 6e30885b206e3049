internal import EtcdClient
internal import IPAM
internal import JSON
internal import KubernetesClient

/// A Lease object of a namespace, and who is to hold it (Kubernetes API, coordination.k8s.io/v1).
///
/// Times are those of the API server's clock, so that those of two nodes need not agree.
struct LeaseObject: Sendable {
    /// What came of a try to have it.
    enum Outcome: Hashable {
        /// The caller has it, at this version of the object.
        case held(String)
        /// Somebody else has it.
        case taken(by: String)
    }

    /// How long a holder that says nothing any more keeps others from it.
    static let duration = Duration.seconds(15)
    private static let resource = APIResource(group: "coordination.k8s.io", version: "v1", plural: "leases")

    let name: String
    let namespace: String
    let holder: String

    /// Takes the lease, unless somebody has it.
    func take(_ client: KubernetesClient, deadline: Deadline) throws(KubernetesError) -> Outcome {
        while true {
            let found = try read(client, deadline: deadline)
            if let found {
                let holder = found.text("spec", "holderIdentity") ?? ""
                if !holder.isEmpty, let end = Self.end(of: found), (client.serverTime ?? .max) <= end {
                    return .taken(by: holder)
                }
            }
            if let outcome = try write(client, found?.text("metadata", "resourceVersion"), deadline: deadline) {
                return outcome
            }
        }
    }

    /// Renews the lease as its last version was.
    func renew(_ client: KubernetesClient, _ version: String, deadline: Deadline) throws(KubernetesError) -> Outcome {
        if let outcome = try write(client, version, deadline: deadline) { return outcome }
        // Either somebody else has written it, or this client, whose answer was lost.
        let found = try read(client, deadline: deadline)
        let holder = found?.text("spec", "holderIdentity") ?? ""
        guard holder == self.holder, let version = found?.text("metadata", "resourceVersion") else {
            return .taken(by: holder)
        }
        return .held(version)
    }

    /// Gives the lease back.
    func give(_ client: KubernetesClient, deadline: Deadline) throws(KubernetesError) {
        for _ in 0..<3 {
            guard let found = try read(client, deadline: deadline), found.text("spec", "holderIdentity") == holder,
                let version = found.text("metadata", "resourceVersion")
            else { return }
            if try write(client, version, holder: "", deadline: deadline) != nil { return }
        }
    }

    private func read(_ client: KubernetesClient, deadline: Deadline) throws(KubernetesError) -> JSONValue? {
        let request = APIRequest(.get, Self.resource, namespace: namespace, name: name)
        guard case .object(let object) = try client.send(request, deadline: deadline) else { return nil }
        return object
    }

    /// Writes the object, at a version or anew; nil when it is at another one.
    private func write(
        _ client: KubernetesClient,
        _ version: String?,
        holder: String? = nil,
        deadline: Deadline
    ) throws(KubernetesError) -> Outcome? {
        let now = JSONValue.string(Self.time(client.serverTime ?? WallClock.now() / 1_000_000_000))
        var metadata: [String: JSONValue] = ["name": .string(name), "namespace": .string(namespace)]
        metadata["resourceVersion"] = version.map(JSONValue.string)
        let object = JSONValue.object([
            "apiVersion": .string(Self.resource.apiVersion), "kind": .string("Lease"), "metadata": .object(metadata),
            "spec": .object([
                "holderIdentity": .string(holder ?? self.holder), "acquireTime": now, "renewTime": now,
                "leaseDurationSeconds": .integer(Self.duration.components.seconds),
            ]),
        ])
        let request =
            version == nil
            ? APIRequest(.create(object), Self.resource, namespace: namespace)
            : APIRequest(.update(object), Self.resource, namespace: namespace, name: name)
        switch try client.send(request, deadline: deadline) {
        case .object(let written): return .held(written.text("metadata", "resourceVersion") ?? "")
        case .missing where version == nil:
            throw KubernetesError(
                .invalidConfiguration,
                "the namespace \(namespace) does not exist",
                advice: "Name the one of the objects by --namespace."
            )
        case .missing, .exists, .conflict: return nil
        case .unprocessable(let reason):
            throw KubernetesError(.refused(status: 422), "the API server refuses the Lease \(name): \(reason)")
        }
    }

    /// Until when the holder of an object has it, in seconds since 1970; nil where it does not say.
    private static func end(of object: JSONValue) -> Int64? {
        guard let text = object.text("spec", "renewTime"),
            case .integer(let seconds)? = object.member("spec")?.member("leaseDurationSeconds"),
            // Without the fraction of a second.
            let renewed = Timestamp.secondsSince1970(text.prefix { $0 != "." && $0 != "Z" } + "Z")
        else { return nil }
        return renewed + seconds
    }

    /// A time as the API has it (MicroTime).
    private static func time(_ seconds: Int64) -> String {
        Timestamp.text(secondsSince1970: seconds).dropLast() + ".000000Z"
    }
}
