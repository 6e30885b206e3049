public import IPAM
public import IPTypes

/// What the store holds of a network, and where it contradicts itself.
public struct StoreAudit: Hashable, Sendable {
    /// An address that has a record.
    public struct Entry: Hashable, Sendable {
        /// The address.
        public let address: IPAddress
        /// Its record.
        public let record: AllocationRecord
    }

    /// The addresses with a record that can be read, in the order of their keys.
    public internal(set) var entries: [Entry] = []
    /// The number of keys that lead to records: by attachment, pod and node, and by the end of what waits for a pod.
    public internal(set) var indexKeyCount = 0
    /// What is wrong, a sentence for each key: records that can't be decoded, that lack an index key or whose index keys were written at
    /// another time, index keys without a record, addresses that are taken and marked as free.
    public internal(set) var inconsistencies: [String] = []
}
