package import EtcdClient
internal import IPAM
package import JSON
package import KubernetesClient

/// An event about an object, as `kubectl describe` shows it (Kubernetes API, Event v1).
package struct ObjectEvent: Hashable, Sendable {
    /// Whether somebody should look.
    package enum Severity: String, Hashable, Sendable {
        /// All is as it should be.
        case normal = "Normal"
        /// Something is wrong.
        case warning = "Warning"
    }

    /// What is referred to: kind, namespace and name, and where they are known the version of the API, the UID and the object's version.
    package let involved: JSONValue
    /// The namespace of the event, which is the object's.
    package let namespace: String
    /// What the event's own name begins with.
    package let name: String
    /// Whether somebody should look.
    package let severity: Severity
    /// Why, in one word for programs.
    package let reason: String
    /// What happened, for people.
    package let message: String

    /// Makes an event about an object of which no more is known than its name.
    package init(
        kind: String,
        namespace: String,
        name: String,
        uid: String?,
        _ severity: Severity,
        reason: String,
        message: String
    ) {
        var involved: [String: JSONValue] = [
            "apiVersion": .string("v1"), "kind": .string(kind), "namespace": .string(namespace), "name": .string(name),
        ]
        involved["uid"] = uid.map(JSONValue.string)
        self.init(.object(involved), namespace: namespace, name: name, severity, reason: reason, message: message)
    }

    /// Makes an event about what a reference says.
    package init(
        _ involved: JSONValue,
        namespace: String,
        name: String,
        _ severity: Severity,
        reason: String,
        message: String
    ) {
        self.involved = involved
        self.namespace = namespace
        self.name = name
        self.severity = severity
        self.reason = reason
        self.message = message
    }

    /// Writes the event.
    ///
    /// - Parameters:
    ///   - component: The program that tells it.
    ///   - client: The API server.
    ///   - deadline: When to end in any case.
    /// - Throws: `KubernetesError`.
    package func write(
        as component: String,
        _ client: KubernetesClient,
        deadline: Deadline
    ) throws(KubernetesError) {
        let now = JSONValue.string(Timestamp.now)
        let event = JSONValue.object([
            "apiVersion": .string("v1"), "kind": .string("Event"),
            "metadata": .object(["generateName": .string("\(name)."), "namespace": .string(namespace)]),
            "involvedObject": involved, "reason": .string(reason),
            // The API takes 1024 bytes.
            "message": .string(String(message.prefix(1000))), "type": .string(severity.rawValue),
            "source": .object(["component": .string(component)]),
            "firstTimestamp": now, "lastTimestamp": now, "count": .integer(1),
        ])
        let events = APIResource(group: "", version: "v1", plural: "events")
        _ = try client.send(APIRequest(.create(event), events, namespace: namespace), deadline: deadline)
    }
}
