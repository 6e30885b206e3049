internal import EtcdClient
internal import FoundationEssentials
internal import IPAM

/// The stored form of records and owners: JSON with sorted keys.
enum RecordCoding {
    static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Only texts and numbers are encoded, and these always can be.
        return (try? encoder.encode(value)).map { [UInt8]($0) } ?? []
    }

    /// Reads what an index key holds.
    static func entry(_ keyValue: KeyValue) throws(DatastoreError) -> IndexEntry {
        try decode(keyValue)
    }

    /// Reads the record of an address.
    static func record(_ keyValue: KeyValue) throws(DatastoreError) -> AllocationRecord {
        let record: AllocationRecord = try decode(keyValue)
        guard record.version == AllocationRecord.currentVersion else {
            throw .undecodable(
                key: keyValue.key.description,
                reason:
                    "its format version is \(record.version), and this release knows \(AllocationRecord.currentVersion)"
            )
        }
        return record
    }

    private static func decode<Value: Decodable>(_ keyValue: KeyValue) throws(DatastoreError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(keyValue.value))
        } catch {
            throw .undecodable(key: keyValue.key.description, reason: "it is not the JSON object expected")
        }
    }
}
