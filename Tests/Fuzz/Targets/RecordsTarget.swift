import IPAM
import IPTypes

@testable import EtcdClient
@testable import Whereabouts

/// Keys and values of the store: the first line of an input is the key behind the common prefix, the rest its value.
enum RecordsTarget: FuzzTarget {
    static let name = "records"

    private static let attachment = Attachment(containerID: "c1", interfaceName: "eth0")
    private static let pod = PodReference(namespace: "default", name: "web-0")
    private static let pools = ["10.1.0.0/28", "fd00::/125"].compactMap {
        try? RangeSpecification(range: $0, exclude: []).pool(excludingGateways: [], boundsSyntax: .strict)
    }

    static func read(_ input: Span<UInt8>) {
        let parts = bytes(input).split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let keyValue = KeyValue(
            key: Key(Array(KeySpace.prefix.utf8) + parts[0]),
            value: Array(parts.count > 1 ? parts[1] : []),
            createRevision: 1,
            modRevision: 1,
            version: 1,
            lease: 0
        )
        readRecord(keyValue)
        readIndexEntry(keyValue)
        for pool in pools { readPool(pool, keyValue) }
        if let address = try? KeySpace.address(ofKey: keyValue) {
            expect(keyValue.key.description.hasSuffix(address.fixedWidthText), "\(keyValue.key) is not of \(address)")
        }
    }

    private static func readRecord(_ keyValue: KeyValue) {
        guard let record = try? RecordCoding.record(keyValue) else { return }
        let again = try? RecordCoding.record(keyValue.with(RecordCoding.encode(record)))
        expect(again == record, "\(record) reads as another record")
    }

    private static func readIndexEntry(_ keyValue: KeyValue) {
        if let entry = try? RecordCoding.entry(keyValue) {
            let again = try? RecordCoding.entry(keyValue.with(RecordCoding.encode(entry)))
            expect(
                again?.owner == entry.owner && again?.retainedUntil == entry.retainedUntil,
                "\(entry) reads as another"
            )
        }
        let prefixes = [
            KeySpace.attachmentPrefix(attachment), KeySpace.podPrefix(pod, interfaceName: "eth0"),
            KeySpace.nodePrefix("node-a"),
        ]
        for prefix in prefixes {
            guard let owned = try? OwnedAddress(keyValue, after: prefix) else { continue }
            let keys = KeySpace.indexKeys(owned.owner, owned.domain, owned.address)
            expect(keys.contains(keyValue.key), "\(keyValue.key) is none of the keys of its owner: \(keys)")
            if let until = owned.retainedUntil {
                let key = KeySpace.retained(owned.domain, until: until, owned.address)
                expect(KeySpace.retainedAddress(key) == owned.address, "\(key) is not of \(owned.address)")
            }
        }
        for retained in (try? RetainedAddress.list([keyValue], of: "default")) ?? [] {
            expect(
                KeySpace.retained("default", until: 0, retained.address).description.hasSuffix(
                    retained.address.fixedWidthText
                ),
                "\(retained.key) is not of \(retained.address)"
            )
        }
    }

    /// Has the key be a free one, and the value a mark.
    private static func readPool(_ pool: AddressPool, _ keyValue: KeyValue) {
        for strategy in AllocationPolicy.Strategy.allCases {
            for moment in [nil, "2026-01-01T00:00:00Z"] {
                var view = PoolView(pool: pool, strategy: strategy)
                view.mark = try? KeySpace.address(keyValue.value[...], of: keyValue)
                let answer = RangeResponse(header: nil, keyValues: [keyValue], hasMore: moment == nil, count: 1)
                guard (try? view.takeFreeKeys([answer], freshAfter: moment)) != nil else { continue }
                let addresses = (view.candidates(limit: 16) + view.freshCandidates(limit: 16)).map(\.address)
                expect(addresses.allSatisfy(pool.allocatable.contains), "\(addresses) are not of \(pool)")
                expect(Set(addresses).count == addresses.count, "\(addresses) are tried twice")
            }
        }
    }
}

extension KeyValue {
    fileprivate func with(_ value: [UInt8]) -> KeyValue {
        KeyValue(key: key, value: value, createRevision: 1, modRevision: 1, version: 1, lease: 0)
    }
}
