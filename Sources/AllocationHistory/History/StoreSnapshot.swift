/// Everything that the store held at one moment.
public struct StoreSnapshot: Codable, Sendable, Hashable {
    /// When it was read, in nanoseconds since the run began.
    public let time: Int64
    /// The records of all addresses.
    public let records: [StoredRecord]
    /// The number of index keys that stood beside them; nil where the history does not say.
    public let indexKeyCount: Int?
    /// What contradicts itself in the store, such as an index key without its record, one sentence each.
    public let inconsistencies: [String]

    /// Makes a snapshot.
    public init(time: Int64, records: [StoredRecord], indexKeyCount: Int? = nil, inconsistencies: [String]) {
        self.time = time
        self.records = records
        self.indexKeyCount = indexKeyCount
        self.inconsistencies = inconsistencies
    }
}
