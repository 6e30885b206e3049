internal import IPAM
internal import IPTypes
internal import JSON

/// An OverlappingRangeIPReservation as it was read: that an address is somebody's, in whatever range of the network.
struct ReservationObject {
    /// The annotations and labels that this release writes beside what upstream does.
    enum Key {
        static let pool = "whereabouts.cni.cncf.io/pool"
        static let node = "whereabouts.cni.cncf.io/node"
        static let network = "whereabouts.cni.cncf.io/network"
    }

    let name: String
    let uid: String
    let resourceVersion: String
    let podReference: String
    let interfaceName: String
    /// The container; nil in what upstream wrote.
    let containerID: String?
    /// The pool object with the address's entry; nil in what upstream wrote.
    let pool: String?
    /// The labels of the owner's node and network, see `label(_:)`; nil in what upstream wrote.
    let nodeLabel: String?
    let networkLabel: String?
    /// When it was created by the API server's clock, in seconds since 1970.
    let created: Int64?

    /// Reads an object.
    ///
    /// - Throws: `.undecodable`.
    init(_ value: JSONValue) throws(DatastoreError) {
        var place = "overlappingrangeipreservations"
        do throws(JSONShapeError) {
            let object = try JSONObject(value)
            let metadata = try object.object("metadata")
            name = try metadata.string("name")
            place += "/\(name)"
            uid = try metadata.string("uid")
            resourceVersion = try metadata.string("resourceVersion")
            created = try metadata.stringIfPresent("creationTimestamp").flatMap(Timestamp.secondsSince1970)
            pool = try metadata.objectIfPresent("annotations")?.stringIfPresent(Key.pool)
            let labels = try metadata.objectIfPresent("labels")
            nodeLabel = try labels?.stringIfPresent(Key.node)
            networkLabel = try labels?.stringIfPresent(Key.network)
            let spec = try object.object("spec")
            podReference = try spec.string("podref")
            interfaceName = try spec.stringIfPresent("ifname") ?? ""
            containerID = try spec.stringIfPresent("containerid").flatMap { $0.isEmpty ? nil : $0 }
        } catch {
            throw .undecodable(key: place, reason: "\(error)")
        }
    }

    /// The addresses that it may be of, in whatever network: several where the end of an IPv6 address reads as an address too, the longest first.
    var addresses: [IPAddress] {
        Self.addresses(named: name)
    }

    /// The addresses that a reservation of a name may be of, see above.
    static func addresses(named name: String) -> [IPAddress] {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        return parts.indices.compactMap { start in
            guard let address = try? IPAddress(parts[start...].joined(separator: ":")) else { return nil }
            let plain = try? ObjectNames.reservation(address, networkName: "")
            return plain == parts[start...].joined(separator: "-") ? address : nil
        }
    }

    /// Whether it is an owner's: its pod's and, where both are named, the interface's.
    func isOf(_ podReference: String, _ interfaceName: String) -> Bool {
        self.podReference == podReference && (self.interfaceName == interfaceName || self.interfaceName.isEmpty)
    }

    /// The owner, as far as the object says who it is.
    var owner: AllocationOwner {
        AllocationOwner(
            attachment: Attachment(containerID: containerID ?? "", interfaceName: interfaceName),
            pod: PodReference(podReference),
            node: "",
            network: ""
        )
    }

    /// A new object for an owner.
    static func json(name: String, namespace: String, apiVersion: String, pool: String, _ owner: AllocationOwner)
        -> JSONValue
    {
        .object([
            "apiVersion": .string(apiVersion), "kind": .string("OverlappingRangeIPReservation"),
            "metadata": .object([
                "name": .string(name), "namespace": .string(namespace),
                "annotations": .object([Key.pool: .string(pool)]),
                "labels": .object([
                    Key.node: .string(label(owner.node)), Key.network: .string(label(owner.network)),
                ]),
            ]),
            "spec": .object([
                "podref": .string(owner.podReference), "ifname": .string(owner.interfaceName),
                "containerid": .string(owner.containerID),
            ]),
        ])
    }

    /// A text as a label has it (Kubernetes, "Labels and Selectors"): itself, or where it can't be one a digest of it.
    static func label(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isFit =
            bytes.count <= 63
            && bytes.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            }
            && (bytes.first.map(isAlphanumeric) ?? true) && (bytes.last.map(isAlphanumeric) ?? true)
        guard !isFit else { return text }
        var hash = FNV1a()
        hash.add(text)
        return "h" + hash.text
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
