internal import CNI
internal import EtcdClient
internal import JSON
internal import KubernetesClient
internal import Whereabouts

/// Reads from the API server what the slices depend on.
struct ClusterReader {
    /// A NetworkAttachmentDefinition that can't be used, and why.
    struct Fault {
        let definition: JSONValue
        let message: String
    }

    static let nodeList = APIRequest(
        .list,
        APIResource(group: "", version: "v1", plural: "nodes"),
        namespace: nil,
        isMetadataOnly: true
    )
    static let definitionList = APIRequest(
        .list,
        APIResource(group: "k8s.cni.cncf.io", version: "v1", plural: "network-attachment-definitions"),
        namespace: nil
    )

    let client: KubernetesClient
    let settings: NodeSliceController.Settings

    /// The names of all nodes, in order.
    func nodes(deadline: Deadline) throws(KubernetesError) -> [String] {
        try items(Self.nodeList, deadline: deadline).compactMap { $0.text("metadata", "name") }.sorted()
    }

    /// The networks whose ranges are divided, the oldest first, and what can't be used.
    func networks(deadline: Deadline) throws(KubernetesError) -> (networks: [DividedNetwork], faults: [Fault]) {
        var networks: [DividedNetwork] = []
        var faults: [Fault] = []
        let definitions = try items(Self.definitionList, deadline: deadline).sorted { $0.age < $1.age }
        for definition in definitions {
            // Without a text the configuration is a file of each node, which nobody sees from here.
            guard let text = definition.text("spec", "config"), !text.isEmpty else { continue }
            do throws(CNIError) {
                networks += try DividedNetwork.list(
                    Array(text.utf8),
                    name: definition.text("metadata", "name") ?? "",
                    flatFiles: settings.flatFiles,
                    group: settings.group
                )
            } catch {
                faults.append(Fault(definition: definition, message: error.description))
            }
        }
        return (networks, faults)
    }

    /// All objects of a list.
    func items(_ request: APIRequest, deadline: Deadline) throws(KubernetesError) -> [JSONValue] {
        var items: [JSONValue] = []
        _ = try client.list(request, deadline: deadline) { page in
            if page.isFirst { items = [] }
            items += page.items
            return true
        }
        return items
    }
}

extension JSONValue {
    /// What objects are served by: when they were made, and of equal age the place and the name.
    fileprivate var age: String {
        [text("metadata", "creationTimestamp"), text("metadata", "namespace"), text("metadata", "name")]
            .map { $0 ?? "" }.joined(separator: "/")
    }
}
