package import IPTypes
package import JSON

/// What of a pod tells whether an allocation is its.
package struct PodState: Hashable, Sendable {
    /// The object's UID.
    package let uid: String
    /// What the kubelet calls a static pod by in CNI_ARGS, as its mirror pod says; nil for other pods.
    package let configHash: String?
    /// Whether its containers have ended for good, and its sandbox with them.
    package let isCompleted: Bool
    /// The addresses of its interfaces, as Multus has noted them; nil where nothing is noted, or nobody has asked.
    package let interfaces: [String: Set<IPAddress>]?

    /// Makes a state.
    package init(
        uid: String,
        configHash: String? = nil,
        isCompleted: Bool = false,
        interfaces: [String: Set<IPAddress>]? = nil
    ) {
        self.uid = uid
        self.configHash = configHash
        self.isCompleted = isCompleted
        self.interfaces = interfaces
    }

    /// Whether a UID that the runtime gave is this pod's.
    func isNamed(_ uid: String) -> Bool {
        uid == self.uid || uid == configHash
    }
}

extension PodState {
    /// The annotation by which a mirror pod names its static pod (Kubernetes, "Well-Known Labels, Annotations and Taints").
    private static let configHashAnnotation = "kubernetes.io/config.hash"
    /// The annotation with the networks of a pod (Multus, "Network Status Annotation").
    private static let networkStatusAnnotation = "k8s.v1.cni.cncf.io/network-status"

    /// Reads a pod, or its metadata alone.
    ///
    /// - Parameters:
    ///   - object: The object.
    ///   - isCompleted: Whether it has ended; nil for what its status says.
    ///   - readsInterfaces: Whether it matters what Multus has noted.
    package init?(_ object: JSONValue, isCompleted: Bool? = nil, readsInterfaces: Bool) {
        guard let metadata = object.member("metadata"), case .string(let uid)? = metadata.member("uid") else {
            return nil
        }
        var annotations: [String: JSONValue] = [:]
        if case .object(let members)? = metadata.member("annotations") { annotations = members }
        var hash: String?
        if case .string(let text)? = annotations[Self.configHashAnnotation] { hash = text }
        var interfaces: [String: Set<IPAddress>]?
        if readsInterfaces, case .string(let text)? = annotations[Self.networkStatusAnnotation] {
            interfaces = Self.interfaces(text)
        }
        let phase = object.member("status")?.member("phase")
        self.init(
            uid: uid,
            configHash: hash,
            isCompleted: isCompleted ?? [.string("Succeeded"), .string("Failed")].contains(phase),
            interfaces: interfaces
        )
    }

    /// The addresses that Multus has noted, those of the default network too; nil for what can't be understood.
    private static func interfaces(_ text: String) -> [String: Set<IPAddress>]? {
        guard case .array(let entries)? = try? JSONValue(parsing: Array(text.utf8)) else { return nil }
        var interfaces: [String: Set<IPAddress>] = [:]
        for entry in entries {
            var name = ""
            if case .string(let text)? = entry.member("interface") { name = text }
            let addresses = (entry.member("ips")?.strings ?? []).compactMap { try? IPAddress($0) }
            interfaces[name, default: []].formUnion(addresses)
        }
        return interfaces
    }
}
