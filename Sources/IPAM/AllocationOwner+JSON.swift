public import JSON

extension AllocationOwner: JSONStorable {
    /// Reads an owner.
    ///
    /// - Throws: `JSONShapeError` for what is missing or of another type.
    public init(_ object: JSONObject) throws(JSONShapeError) {
        containerID = try object.string("containerID")
        interfaceName = try object.string("interface")
        if let pod = try object.objectIfPresent("pod") {
            self.pod = PodReference(namespace: try pod.string("namespace"), name: try pod.string("name"))
        } else {
            pod = nil
        }
        node = try object.string("node")
        network = try object.string("network")
    }

    /// The owner as it is kept.
    public var json: JSONValue {
        var object: [String: JSONValue] = [
            "containerID": .string(containerID), "interface": .string(interfaceName), "node": .string(node),
            "network": .string(network),
        ]
        object["pod"] = pod.map { .object(["namespace": .string($0.namespace), "name": .string($0.name)]) }
        return .object(object)
    }
}
