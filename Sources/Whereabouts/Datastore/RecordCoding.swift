internal import EtcdClient
internal import IPAM
internal import JSON

/// The stored form of records and owners: JSON with sorted keys.
enum RecordCoding {
    static func encode(_ value: some JSONStorable) -> [UInt8] {
        value.json.encoded()
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

    /// Reads what the reconciler has noted of an address.
    static func candidate(_ keyValue: KeyValue) throws(DatastoreError) -> StrandedCandidate {
        try decode(keyValue)
    }

    private static func decode<Value: JSONStorable>(_ keyValue: KeyValue) throws(DatastoreError) -> Value {
        do throws(JSONShapeError) {
            return try Value(JSONObject(parsing: keyValue.value))
        } catch {
            throw .undecodable(
                key: keyValue.key.description,
                reason: "it is not the JSON object expected: \(error)"
            )
        }
    }
}
