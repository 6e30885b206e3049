internal import EtcdClient
internal import JSON
internal import KubernetesClient
internal import Logging
internal import Whereabouts

/// Writes events about objects (Kubernetes API, Event v1), each once as long as it is news.
final class EventWriter {
    private static let component = "whereabouts-node-slice-controller"

    private let client: KubernetesClient
    private let namespace: String
    private let logger: Logger
    /// What was said last, by the object and the reason.
    private var said: [String: String] = [:]

    init(client: KubernetesClient, namespace: String, logger: Logger) {
        self.client = client
        self.namespace = namespace
        self.logger = logger
    }

    /// Warns of what is wrong with an object, in its namespace and in the log.
    ///
    /// An event that can't be written costs nothing but itself.
    func warn(of object: JSONValue, reason: String, _ message: String, deadline: Deadline) {
        let place = object.text("metadata", "namespace") ?? namespace
        let name = object.text("metadata", "name") ?? ""
        let kind = object.text("kind") ?? "NetworkAttachmentDefinition"
        let key = "\(kind)/\(place)/\(name)/\(reason)"
        guard said[key] != message else { return }
        said[key] = message
        logger.warning("\(kind) \(place)/\(name): \(message)")
        var involved: [String: JSONValue] = [
            "kind": .string(kind), "namespace": .string(place), "name": .string(name),
        ]
        for member in ["uid", "resourceVersion"] {
            involved[member] = object.text("metadata", member).map(JSONValue.string)
        }
        involved["apiVersion"] = object.text("apiVersion").map(JSONValue.string)
        let event = ObjectEvent(
            .object(involved),
            namespace: place,
            name: name,
            .warning,
            reason: reason,
            message: message
        )
        do throws(KubernetesError) {
            try event.write(as: Self.component, client, deadline: deadline)
        } catch {
            logger.warning("the event can't be written: \(error)")
        }
    }
}
