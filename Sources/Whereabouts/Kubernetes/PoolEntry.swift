internal import IPAM
internal import JSON

/// What a pool object says of one address: an entry of `spec.allocations`.
struct PoolEntry: Hashable {
    /// The runtime's identifier of the container.
    let containerID: String
    /// The pod as `namespace/name`.
    let podReference: String
    /// The interface's name inside the container; empty in what upstream's releases before 0.8 wrote.
    let interfaceName: String

    private init(containerID: String, podReference: String, interfaceName: String) {
        self.containerID = containerID
        self.podReference = podReference
        self.interfaceName = interfaceName
    }

    init(_ owner: AllocationOwner) {
        self.init(
            containerID: owner.containerID,
            podReference: owner.podReference,
            interfaceName: owner.interfaceName
        )
    }

    /// Reads an entry.
    init(_ object: JSONObject) throws(JSONShapeError) {
        containerID = try object.string("id")
        podReference = try object.string("podref")
        interfaceName = try object.stringIfPresent("ifname") ?? ""
    }

    var json: JSONValue {
        .object([
            "id": .string(containerID), "podref": .string(podReference), "ifname": .string(interfaceName),
        ])
    }

    /// The owner, as far as the entry says who it is.
    var owner: AllocationOwner {
        AllocationOwner(
            attachment: Attachment(containerID: containerID, interfaceName: interfaceName),
            pod: PodReference(podReference),
            node: "",
            network: ""
        )
    }

    /// The entry with an interface's name.
    func naming(_ interfaceName: String) -> PoolEntry {
        PoolEntry(containerID: containerID, podReference: podReference, interfaceName: interfaceName)
    }

    /// Whether it says that a container's interface has the address.
    func isOf(_ attachment: Attachment) -> Bool {
        containerID == attachment.containerID && interfaceName == attachment.interfaceName
    }

    /// Whether an owner's pod has the address on the same interface, by whichever of its containers.
    func isOfPod(_ owner: AllocationOwner) -> Bool {
        owner.pod != nil && podReference == owner.podReference && interfaceName == owner.interfaceName
    }
}

extension AllocationOwner {
    /// The pod as the objects name it; `/` where the runtime named none, as upstream writes it.
    var podReference: String {
        pod?.description ?? "/"
    }
}

extension PodReference {
    /// Reads `namespace/name`; nil for anything else, and for the `/` of a call that named no pod.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(namespace: String(parts[0]), name: String(parts[1]))
    }
}
