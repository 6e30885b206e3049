internal import EtcdClient
internal import IPAM
internal import IPTypes

/// The keys of the etcd datastore, all below one versioned prefix (docs/design/allocation.md).
///
/// An allocation is one key with the record and up to three index keys. They are written and deleted in one transaction,
/// so they always have the same mod revision. The 2022 layout of whereabouts uses `/whereabouts/<address>/<length>`
/// and lock keys below that; "v1" is no address, so neither takes the other's keys for its own.
///
///     address/<domain>/<family>/<address>                                  the record
///     attachment/<container ID>/<interface>/<domain>/<family>/<address>    the owner
///     pod/<namespace>/<name>/<interface>/<domain>/<family>/<address>       the owner
///     node/<node>/<domain>/<family>/<address>                              the owner
///     free/<domain>/<family>/<address>                                     when it was freed
///     frontier/<domain>/<pool>                                             an address
///     last/<domain>/<pool>                                                 an address
///     queue/<domain>/<pool>/<minute>/drawn                                 nothing; its version counts the places drawn
///     queue/<domain>/<pool>/<minute>/served                                nothing; its version counts those that are not needed any more
///     fence/<container ID>/<interface>                                     when it was deleted, or nothing
///     retained/<domain>/<seconds>/<family>/<address>                       the owner whose pod the address waits for
///     slice/<range>/<domain>/<family>/<first address>                      a node's slice of a range
///     node-slice/<node>/<range>/<domain>/<family>/<first address>          the slice
///     largest-slice/<range>/<domain>                                       the prefix length of the largest slices that there were
///     candidate/<domain>/<family>/<address>                                since when and why the reconciler takes the record for stranded
///     reconciler                                                           the name of the reconciler that is at work, by its lease
///
/// Addresses are fixed-width, so that within a family the order of keys is the order of addresses.
enum KeySpace {
    static let prefix = "/whereabouts/v1/"

    /// What the key of every record begins with.
    static let addressPrefix = prefix + "address/"

    static func address(_ domain: String, _ address: IPAddress) -> Key {
        Key(addressPrefix + suffix(domain, address))
    }

    static func addresses(_ domain: String, _ range: IPRange) -> KeyRange {
        .range(address(domain, range.first), through: address(domain, range.last))
    }

    static func free(_ domain: String, _ address: IPAddress) -> Key {
        Key(prefix + "free/" + suffix(domain, address))
    }

    static func free(_ domain: String, _ range: IPRange) -> KeyRange {
        .range(free(domain, range.first), through: free(domain, range.last))
    }

    /// The key of a pool's frontier.
    ///
    /// The digest makes pools with different exclusions or bounds different.
    static func frontier(_ domain: String, _ pool: AddressPool) -> Key {
        Key(prefix + "frontier/" + poolSuffix(domain, pool))
    }

    /// The key of the address that tells where a pool goes on.
    static func mark(_ domain: String, _ pool: AddressPool, _ strategy: AllocationPolicy.Strategy) -> Key {
        switch strategy {
        case .lowest: frontier(domain, pool)
        case .next: last(domain, pool)
        }
    }

    /// The key of the address that a pool gave out last, where it goes round.
    private static func last(_ domain: String, _ pool: AddressPool) -> Key {
        Key(prefix + "last/" + poolSuffix(domain, pool))
    }

    /// What the keys of a pool's queues begin with, see `Queue`.
    static func queuePrefix(_ domain: String, _ pool: AddressPool) -> String {
        prefix + "queue/" + poolSuffix(domain, pool) + "/"
    }

    private static func poolSuffix(_ domain: String, _ pool: AddressPool) -> String {
        domain + "/" + escape(pool.range.description) + "~" + pool.allocatable.digest
    }

    /// The key of a slice of a range by its first address.
    static func slice(_ domain: String, _ range: IPPrefix, _ first: IPAddress) -> Key {
        Key(prefix + "slice/" + escape(range.description) + "/" + suffix(domain, first))
    }

    /// What the keys of the slices begin with that a node has of a range; the first addresses follow.
    static func nodeSlicePrefix(_ node: String, _ domain: String, _ range: IPPrefix) -> String {
        prefix + "node-slice/" + escape(node) + "/" + escape(range.description) + "/"
            + suffix(domain, range.first).dropLast(range.first.fixedWidthText.count)
    }

    /// The key of the prefix length of the largest slices that a range ever had.
    static func largestSlice(_ domain: String, _ range: IPPrefix) -> Key {
        Key(prefix + "largest-slice/" + escape(range.description) + "/" + domain)
    }

    /// The key that says until when an address waits for its owner's pod, in seconds since 1970.
    static func retained(_ domain: String, until seconds: Int64, _ address: IPAddress) -> Key {
        Key(retainedPrefix(domain, seconds) + suffix("", address).dropFirst())
    }

    /// The address that a key of the kind above ends with; nil when it is malformed.
    static func retainedAddress(_ key: Key) -> IPAddress? {
        key.description.split(separator: "/").last.flatMap { IPAddress(fixedWidthText: $0) }
    }

    /// What the keys of the kind above begin with, of all domains.
    static let retentionPrefix = prefix + "retained/"

    /// The domain and the address of such a key; nil when it is malformed.
    static func retainedPlace(_ key: Key) -> (domain: String, address: IPAddress)? {
        let parts = key.description.dropFirst(retentionPrefix.count).split(separator: "/")
        guard parts.count == 4, let address = retainedAddress(key) else { return nil }
        return (String(parts[0]), address)
    }

    /// The keys of the addresses of a domain that have waited long enough at a moment in seconds since 1970.
    static func expired(_ domain: String, by seconds: Int64) -> KeyRange {
        .range(Key(retainedPrefix(domain, 0)), upTo: Key(retainedPrefix(domain, seconds + 1)))
    }

    /// The keys of the addresses of a domain that wait for their pods.
    static func retained(_ domain: String) -> KeyRange {
        .prefix(Key(prefix + "retained/" + domain + "/"))
    }

    /// What the keys of the addresses of a domain begin with that wait until one moment: fixed-width, so that their order is that of time.
    private static func retainedPrefix(_ domain: String, _ seconds: Int64) -> String {
        retentionPrefix + domain + "/" + fixedWidth(seconds) + "/"
    }

    /// A number's digits, with zeros before them so that the order of texts is that of numbers; zero for one below.
    static func fixedWidth(_ number: Int64) -> String {
        let digits = String(max(0, number))
        return String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }

    /// What the reconciler's notes of stranded records begin with.
    static let candidatePrefix = prefix + "candidate/"

    /// The key of the reconciler's note of an address.
    ///
    /// It may outlive the record, until the next reconciliation.
    static func candidate(_ domain: String, _ address: IPAddress) -> Key {
        Key(candidatePrefix + suffix(domain, address))
    }

    /// The key that only one reconciler has at a time.
    static let reconciler = Key(prefix + "reconciler")

    /// What every key of an attachment in the index by attachment begins with.
    static func attachmentPrefix(_ attachment: Attachment) -> String {
        prefix + "attachment/" + escape(attachment.containerID) + "/" + escape(attachment.interfaceName) + "/"
    }

    /// The key whose last write no claim for the attachment may be older than.
    static func fence(_ attachment: Attachment) -> Key {
        Key(prefix + "fence/" + escape(attachment.containerID) + "/" + escape(attachment.interfaceName))
    }

    /// What every key of a pod's interface in the index by pod begins with.
    static func podPrefix(_ pod: PodReference, interfaceName: String) -> String {
        prefix + "pod/" + escape(pod.namespace) + "/" + escape(pod.name) + "/" + escape(interfaceName) + "/"
    }

    /// What every key of a node in the index by node begins with.
    static func nodePrefix(_ node: String) -> String {
        prefix + "node/" + escape(node) + "/"
    }

    /// The end of most keys: the domain and the address.
    ///
    /// The family stands before the address, because digits of the one family would otherwise sort among those of the
    /// other.
    static func suffix(_ domain: String, _ address: IPAddress) -> String {
        domain + (address.family == .ipv4 ? "/ipv4/" : "/ipv6/") + address.fixedWidthText
    }

    /// Reads domain and address from the end of an index key; nil when it is malformed.
    static func parse(_ key: Key, after prefix: String) -> (domain: String, address: IPAddress)? {
        let text = key.description
        guard text.hasPrefix(prefix) else { return nil }
        let parts = text.dropFirst(prefix.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, let address = IPAddress(fixedWidthText: parts[2]) else { return nil }
        let domain = String(parts[0])
        // By bytes: texts are equal also where one has what is no UTF-8 replaced, or an accent apart.
        return Key(prefix + suffix(domain, address)) == key ? (domain, address) : nil
    }

    /// The address that a key ends with.
    static func address(ofKey keyValue: KeyValue) throws(DatastoreError) -> IPAddress {
        let bytes = keyValue.key.bytes
        let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        return try address(bytes[start...], of: keyValue)
    }

    /// The address that bytes of a key or its value hold.
    static func address(_ bytes: ArraySlice<UInt8>, of keyValue: KeyValue) throws(DatastoreError) -> IPAddress {
        guard let address = IPAddress(fixedWidthText: String(decoding: bytes, as: UTF8.self)) else {
            throw .undecodable(key: keyValue.key.description, reason: "it holds no address in the fixed-width form")
        }
        return address
    }

    /// What the index keys of an owner's addresses begin with: by attachment, by node, and by pod where there is one.
    static func indexPrefixes(_ owner: AllocationOwner) -> [String] {
        var prefixes = [attachmentPrefix(owner.attachment), nodePrefix(owner.node)]
        if let pod = owner.pod {
            prefixes.append(podPrefix(pod, interfaceName: owner.interfaceName))
        }
        return prefixes
    }

    /// The index keys of an owner's address.
    static func indexKeys(_ owner: AllocationOwner, _ domain: String, _ address: IPAddress) -> [Key] {
        indexPrefixes(owner).map { Key($0 + suffix(domain, address)) }
    }

    /// One part of a key: letters, digits and `-._` stand for themselves, any other byte becomes `%` and two digits.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                escaped.unicodeScalars.append(UnicodeScalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}

extension AllocationDomain {
    /// The domain as a part of a key: `default` or `network:<name>`, and behind an `@` the range that it is confined to.
    var keyPart: String {
        let network = networkName.isEmpty ? "default" : "network:" + KeySpace.escape(networkName)
        return range.map { network + "@" + KeySpace.escape($0.description) } ?? network
    }
}

extension IPRangeSet {
    /// What tells this set from others.
    fileprivate var digest: String {
        var hash = FNV1a()
        for range in ranges {
            hash.add(range.first.fixedWidthText)
            hash.add(range.last.fixedWidthText)
        }
        return hash.text
    }
}
