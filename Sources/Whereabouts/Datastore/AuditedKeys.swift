internal import EtcdClient
internal import IPAM
internal import IPTypes

/// Keys of the store on their way to a `StoreAudit`.
struct AuditedKeys {
    /// The domain whose keys count; nil for all.
    private let domain: String?
    private var audit = StoreAudit()
    /// The index keys that there must be, with their records' revisions.
    private var expected: [Key: Int64] = [:]
    private var found: [Key: Int64] = [:]
    /// Domain, family and address of what has a record, and of what is marked as free.
    private var taken: Set<Substring> = []
    private var free: Set<Substring> = []
    /// The slice before, with the range and the domain that it is of.
    private var lastSlice: (range: Substring, slice: NodeSlice)?

    init(domain: String?) {
        self.domain = domain
    }

    /// Takes a key, unless it is another domain's or says nothing of a single address.
    mutating func add(_ keyValue: KeyValue) {
        let name = keyValue.key.description.dropFirst(KeySpace.prefix.count)
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let kind = parts.first, parts.count >= 4 else { return }
        // retained/<domain>/<seconds>/<family>/<address>, and all others end with <domain>/<family>/<address>.
        let place = kind == "retained" ? parts[1] : parts[parts.count - 3]
        guard domain.map({ $0 == place }) ?? true else { return }
        switch kind {
        case "address": addRecord(keyValue, place, name)
        case "free": free.insert(name.dropFirst("free/".count))
        case "slice": addSlice(keyValue, name)
        case "attachment", "pod", "node", "retained", "node-slice": found[keyValue.key] = keyValue.modRevision
        // A note of the reconciler may outlive what it is about, so that there is nothing to be wrong with it: "candidate".
        default: break
        }
    }

    private mutating func addRecord(_ keyValue: KeyValue, _ domain: Substring, _ name: Substring) {
        do throws(DatastoreError) {
            let address = try KeySpace.address(ofKey: keyValue)
            let record = try RecordCoding.record(keyValue)
            audit.entries.append(StoreAudit.Entry(address: address, record: record))
            taken.insert(name.dropFirst("address/".count))
            for key in Self.indexKeys(record, String(domain), address) {
                expected[key] = keyValue.modRevision
            }
        } catch {
            audit.inconsistencies.append("\(error)")
        }
    }

    private mutating func addSlice(_ keyValue: KeyValue, _ name: Substring) {
        do throws(DatastoreError) {
            let slice = try NodeSlice(keyValue)
            let place = name.dropFirst("slice/".count)
            let range = place[..<(place.lastIndex(of: "/") ?? place.endIndex)]
            let nodeKey = "\(KeySpace.prefix)node-slice/\(KeySpace.escape(slice.node))/\(place)"
            expected[Key(nodeKey)] = keyValue.modRevision
            // They come in the order of their addresses.
            if let last = lastSlice, last.range == range, last.slice.prefix.overlaps(slice.prefix) {
                audit.inconsistencies.append(
                    "node \(slice.node)'s slice \(slice.prefix) overlaps node \(last.slice.node)'s, \(last.slice.prefix)"
                )
            }
            lastSlice = (range, slice)
        } catch {
            audit.inconsistencies.append("\(error)")
        }
    }

    /// The keys that a record has beside it: what waits for a pod is the pod's only, and has one that says until when.
    private static func indexKeys(_ record: AllocationRecord, _ domain: String, _ address: IPAddress) -> [Key] {
        let owner = record.owner
        guard let until = record.retainedUntil else { return KeySpace.indexKeys(owner, domain, address) }
        let seconds = Timestamp.secondsSince1970(until) ?? 0
        let retained = KeySpace.retained(domain, until: seconds, address)
        guard let pod = owner.pod else { return [retained] }
        let prefix = KeySpace.podPrefix(pod, interfaceName: owner.interfaceName)
        return [retained, Key(prefix + KeySpace.suffix(domain, address))]
    }

    /// What all keys together tell.
    var result: StoreAudit {
        var audit = audit
        audit.indexKeyCount = found.count
        for (key, revision) in expected where found[key] != revision {
            let fault = found[key] == nil ? "is missing" : "was written at another time than its record"
            audit.inconsistencies.append("the key \(key) \(fault)")
        }
        for key in found.keys where expected[key] == nil {
            audit.inconsistencies.append("the key \(key) belongs to no record")
        }
        for name in taken.intersection(free) {
            audit.inconsistencies.append("\(name) is taken and marked as free")
        }
        audit.inconsistencies.sort()
        return audit
    }
}
