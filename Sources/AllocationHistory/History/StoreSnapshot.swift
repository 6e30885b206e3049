/// Everything that the store held at one moment.
public struct StoreSnapshot: Codable, Sendable, Hashable {
    /// When it was read, in nanoseconds since the run began.
    public let time: Int64
    /// The records of all addresses.
    public let records: [StoredRecord]
    /// What contradicts itself in the store, such as an index key without its record, one sentence each.
    public let inconsistencies: [String]

    /// Makes a snapshot.
    public init(time: Int64, records: [StoredRecord], inconsistencies: [String]) {
        self.time = time
        self.records = records
        self.inconsistencies = inconsistencies
    }
}
