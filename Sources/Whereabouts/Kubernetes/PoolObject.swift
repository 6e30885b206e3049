internal import IPAM
internal import IPTypes
internal import JSON

/// An IPPool as it was read: the allocations of one range.
struct PoolObject {
    /// Where the address stands that was given out last, for the strategy `next`.
    static let lastAddressAnnotation = "whereabouts.cni.cncf.io/last-address"

    let name: String
    /// The version as it was read, or as the last change by this call has left it; it tells the object from a later one of the same name too.
    private(set) var resourceVersion: String
    let range: IPPrefix
    /// The entries that lie in the range.
    private(set) var entries: [IPAddress: PoolEntry]
    /// Whether the server notes for each of its fields who manages it.
    let hasManagedFields: Bool
    /// The annotations; nil when the object has none, so that the first must be added with all.
    let annotations: [String: String]?

    /// Reads an object.
    ///
    /// A key that is no offset within the range, which upstream has written where it was wrong about arithmetic, stands for no address.
    ///
    /// - Throws: `.undecodable` when an entry does not say whose it is, or the object is another range's or does not say whose.
    init(_ object: JSONValue, name: String, range expected: IPPrefix? = nil) throws(DatastoreError) {
        self.name = name
        let key = "ippools/\(name)"
        guard case .object(let allocations)? = object.member("spec")?.member("allocations") else {
            throw .undecodable(key: key, reason: "its spec.allocations is no mapping")
        }
        range = try Self.range(object, key: key)
        if let expected, range != expected {
            throw .undecodable(key: key, reason: "its spec.range is \(range), and the configured range is \(expected)")
        }
        var entries: [IPAddress: PoolEntry] = [:]
        for (offset, entry) in allocations {
            guard let distance = UInt128(offset), let address = range.first.advanced(by: distance),
                range.contains(address)
            else { continue }
            do throws(JSONShapeError) {
                entries[address] = try PoolEntry(JSONObject(entry))
            } catch {
                throw .undecodable(key: key, reason: "spec.allocations[\(offset)] (\(address)): \(error)")
            }
        }
        self.entries = entries
        if case .object(let members)? = object.member("metadata")?.member("annotations") {
            annotations = members.compactMapValues { if case .string(let text) = $0 { text } else { nil } }
        } else {
            annotations = nil
        }
        if case .array(let fields)? = object.member("metadata")?.member("managedFields") {
            hasManagedFields = !fields.isEmpty
        } else {
            hasManagedFields = false
        }
        guard case .string(let version)? = object.member("metadata")?.member("resourceVersion") else {
            throw .undecodable(key: key, reason: "it has no metadata.resourceVersion")
        }
        resourceVersion = version
    }

    /// The range that an object says it is of.
    ///
    /// - Throws: `.undecodable`.
    private static func range(_ object: JSONValue, key: String) throws(DatastoreError) -> IPPrefix {
        guard case .string(let text)? = object.member("spec")?.member("range") else {
            throw .undecodable(key: key, reason: "it has no spec.range; write its range there, such as 10.0.0.0/24")
        }
        do throws(IPSyntaxError) {
            return try IPPrefix(text)
        } catch {
            throw .undecodable(
                key: key,
                reason: "its spec.range \(text.debugDescription) is no range: \(error); write it as 10.0.0.0/24"
            )
        }
    }

    /// The address that the pool gave out last, as far as that is kept.
    var lastAddress: IPAddress? {
        annotations?[Self.lastAddressAnnotation].flatMap { try? IPAddress($0) }
    }

    /// A patch of the object as it was read.
    ///
    /// Without the version the server would try it again and again by itself beside others'. Who manages which entry is forgotten: it is always one of the plugins,
    /// and to note it is most of the server's work (docs/design/kubernetes.md).
    var patch: JSONPatch {
        let patch = JSONPatch().testing("/metadata/resourceVersion", .string(resourceVersion))
        return hasManagedFields ? patch.adding("/metadata/managedFields", .array([.object([:])])) : patch
    }

    /// How many addresses of a pool before one have no entry, as far as `PoolTries` wants to know: where the lowest is sought, so many calls may be about to change
    /// the object.
    func vacancies(before address: IPAddress, in pool: AddressPool) -> Int {
        var count = 0
        var next = pool.allocatable.first
        while let vacancy = next, vacancy < address, count < PoolTries.placeLimit {
            if entries[vacancy] == nil { count += 1 }
            next = vacancy.next.flatMap { pool.allocatable.firstAddress(notBefore: $0) }
        }
        return count
    }

    /// A patch that also notes which address the pool gave out last.
    func noting(last address: IPAddress, in patch: JSONPatch) -> JSONPatch {
        let value = JSONValue.string(address.description)
        guard annotations != nil else {
            // The first annotation comes with all of them; another one that is made meanwhile is not to be lost.
            return patch.testing("/metadata/annotations", .null)
                .adding("/metadata/annotations", .object([Self.lastAddressAnnotation: value]))
        }
        return patch.adding("/metadata/annotations/\(JSONPatch.escaped(Self.lastAddressAnnotation))", value)
    }

    /// A patch that also notes how many entries the object has behind it, for people to see.
    ///
    /// The status is put there whole: an object may have none, and an API server that knows of none drops it again.
    func noting(entryCount: Int, in patch: JSONPatch) -> JSONPatch {
        patch.adding("/status", .object(["used": .integer(Int64(entryCount))]))
    }

    /// The path of an address's entry in a JSON Patch (RFC 6901).
    func path(of address: IPAddress) -> String {
        "/spec/allocations/\(range.first.distance(to: address) ?? 0)"
    }

    /// The entries that are a container's interface's, each with its name: those that name it, and when there is none, those of the container that name no
    /// interface.
    ///
    /// Upstream's releases before 0.8 wrote the latter, and nobody else frees them; which of several interfaces has them can't be told. Beside an entry that
    /// names the interface they are another one's.
    func entries(of attachment: Attachment) -> [IPAddress: PoolEntry] {
        let ofContainer = entries.filter { $0.value.containerID == attachment.containerID }
        let named = ofContainer.filter { $0.value.isOf(attachment) }
        guard named.isEmpty else { return named }
        return ofContainer.filter { $0.value.interfaceName.isEmpty }.mapValues { $0.naming(attachment.interfaceName) }
    }

    /// What meets a demand already: an entry of its owner's container, or else of its pod's earlier one.
    ///
    /// One that names no interface does not, which may be another interface's.
    func entry(
        of owner: AllocationOwner,
        meeting demand: AllocationRequest.Demand,
        beside others: Set<IPAddress>
    ) -> (address: IPAddress, entry: PoolEntry)? {
        let fit = entries.filter { address, entry in
            (entry.isOf(owner.attachment) || entry.isOfPod(owner)) && demand.pool.allocatable.contains(address)
                && !others.contains(address) && demand.requested.map { $0 == address } ?? true
        }
        let ordered = fit.sorted { $0.key < $1.key }
        return (ordered.first { $0.value.isOf(owner.attachment) } ?? ordered.first).map { ($0.key, $0.value) }
    }

    /// Forgets an entry that was taken out, which has made a version.
    mutating func remove(_ address: IPAddress, resourceVersion: String) {
        entries[address] = nil
        self.resourceVersion = resourceVersion
    }
}
