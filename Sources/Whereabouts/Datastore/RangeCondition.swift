public import IPAM

/// Whether a configured range can serve the next ADD.
public enum RangeCondition: Hashable, Sendable {
    /// It can.
    case serving
    /// Every address has a record.
    case exhausted(AddressPool, AllocationDomain)
    /// A record, or an index key of it, can't be trusted; the error names the key and says why.
    case untrusted(AddressPool, AllocationDomain, DatastoreError)
}
