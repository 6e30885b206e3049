internal import IPTypes
internal import JSON
internal import KubernetesClient
internal import Whereabouts

/// A NodeSlicePool as it was read, or a new one.
struct SlicePool {
    /// The annotation that tells the `network_name` of what it is of, and that this controller keeps it.
    private static let networkNameKey = "whereabouts.cni.cncf.io/network-name"

    /// The name of the object.
    let name: String
    /// The range that is divided.
    let range: IPPrefix
    /// The `network_name`; nil in what another controller made.
    private(set) var networkName: String?
    /// The prefix length of a slice, as the object says it; nil for none.
    let sliceSize: Int?
    /// Identifier and version of the object; nil for a new one.
    let identity: (uid: String, resourceVersion: String)?
    /// Which node has which slice.
    var assignment: SliceAssignment
    /// What the object says of nodes without a slice; nil for nothing.
    private(set) var exhaustion: Exhaustion?
    private let object: JSONValue?

    /// Whether there are nodes without a slice.
    struct Exhaustion: Equatable {
        let isExhausted: Bool
        let message: String
        /// Since when it is so, in the form of RFC 3339.
        let since: String
    }

    /// A pool that is not there yet.
    init(new name: String, range: IPPrefix, networkName: String) {
        self.name = name
        self.range = range
        self.networkName = networkName
        identity = nil
        sliceSize = nil
        assignment = SliceAssignment([])
        object = nil
    }

    /// Reads an object.
    ///
    /// - Throws: `DatastoreError` when it can't be understood.
    init(_ object: JSONValue) throws(DatastoreError) {
        self.object = object
        do throws(JSONShapeError) {
            let metadata = try JSONObject(object).object("metadata")
            name = try metadata.string("name")
            identity = (try metadata.string("uid"), try metadata.string("resourceVersion"))
            networkName = try metadata.objectIfPresent("annotations")?.stringIfPresent(Self.networkNameKey)
            let size = try JSONObject(object).object("spec").stringIfPresent("sliceSize") ?? ""
            sliceSize = Int(size.hasPrefix("/") ? String(size.dropFirst()) : size)
            var conditions: [JSONValue] = []
            if case .array(let list)? = object.member("status")?.member("conditions") { conditions = list }
            for condition in try conditions.map({ value throws(JSONShapeError) in try JSONObject(value) })
            where try condition.string("type") == "Exhausted" {
                exhaustion = Exhaustion(
                    isExhausted: try condition.string("status") == "True",
                    message: try condition.stringIfPresent("message") ?? "",
                    since: try condition.stringIfPresent("lastTransitionTime") ?? ""
                )
            }
        } catch {
            throw .undecodable(key: "nodeslicepools", reason: "\(error)")
        }
        let contents = try NodeSlicePoolObject(object, name: name)
        range = contents.range
        assignment = SliceAssignment(contents.slices.compactMap { SliceEntry(nodeName: $0.node, $0.prefix) })
    }

    /// The pool as that of a network.
    func named(_ networkName: String) -> SlicePool {
        var pool = self
        pool.networkName = networkName
        return pool
    }

    /// Whether the object itself tells the `network_name`, and is nobody else's.
    var isNamed: Bool {
        let metadata = object?.member("metadata")
        return metadata?.member("annotations")?.text(Self.networkNameKey) == networkName
            && metadata?.member("ownerReferences") == nil
    }

    /// Notes which nodes are without a slice, and returns whether that is news.
    mutating func note(unserved nodes: [String], now: String) -> Bool {
        let message =
            nodes.isEmpty
            ? "every node has a slice"
            : "no slice of \(range) is left for \(nodes.count == 1 ? "node" : "\(nodes.count) nodes, among them") "
                + nodes.prefix(10).joined(separator: ", ")
        guard exhaustion?.message != message else { return false }
        let isSame = exhaustion.map { $0.isExhausted == !nodes.isEmpty } ?? false
        exhaustion = Exhaustion(
            isExhausted: !nodes.isEmpty,
            message: message,
            since: isSame ? exhaustion?.since ?? now : now
        )
        return true
    }

    /// The object as it is to be.
    func json(apiVersion: String, namespace: String, length: Int?) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if case .object(let present)? = object { members = present }
        var metadata: [String: JSONValue] = ["name": .string(name), "namespace": .string(namespace)]
        if case .object(let present)? = members["metadata"] { metadata = present }
        // With its network's end Kubernetes would delete it, whatever is in use.
        metadata["ownerReferences"] = nil
        if let networkName {
            var annotations: [String: JSONValue] = [:]
            if case .object(let present)? = metadata["annotations"] { annotations = present }
            annotations[Self.networkNameKey] = .string(networkName)
            metadata["annotations"] = .object(annotations)
        }
        members["apiVersion"] = .string(apiVersion)
        members["kind"] = .string("NodeSlicePool")
        members["metadata"] = .object(metadata)
        var spec: [String: JSONValue] = ["range": .string(range.description)]
        if case .object(let present)? = members["spec"] { spec = present }
        if let length { spec["sliceSize"] = .string("/\(length)") }
        members["spec"] = .object(spec)
        var status: [String: JSONValue] = [
            "allocations": .array(
                assignment.entries.map {
                    .object(["nodeName": .string($0.nodeName), "sliceRange": .string($0.prefix.description)])
                }
            )
        ]
        if let exhaustion {
            let condition: [String: JSONValue] = [
                "type": .string("Exhausted"), "status": .string(exhaustion.isExhausted ? "True" : "False"),
                "reason": .string(exhaustion.isExhausted ? "NoSliceLeft" : "EveryNodeServed"),
                "message": .string(exhaustion.message), "lastTransitionTime": .string(exhaustion.since),
            ]
            status["conditions"] = .array([.object(condition)])
        }
        members["status"] = .object(status)
        return .object(members)
    }
}
