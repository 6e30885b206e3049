internal import EtcdClient
internal import IPAM
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
        let now = JSONValue.string(Timestamp.now)
        let event = JSONValue.object([
            "apiVersion": .string("v1"), "kind": .string("Event"),
            "metadata": .object(["generateName": .string("\(name)."), "namespace": .string(place)]),
            "involvedObject": .object(involved), "reason": .string(reason),
            // The API takes 1024 bytes.
            "message": .string(String(message.prefix(1000))), "type": .string("Warning"),
            "source": .object(["component": .string(Self.component)]),
            "firstTimestamp": now, "lastTimestamp": now, "count": .integer(1),
        ])
        do throws(KubernetesError) {
            let events = APIResource(group: "", version: "v1", plural: "events")
            _ = try client.send(APIRequest(.create(event), events, namespace: place), deadline: deadline)
        } catch {
            logger.warning("the event can't be written: \(error)")
        }
    }
}
