internal import EtcdClient
internal import IPAM
internal import IPTypes

/// The transaction that gives a node a slice.
///
/// It takes effect only if the node has got no other one meanwhile, and nobody else anything that overlaps it: neither the same part, nor one of another
/// size from before the size was changed. Slices of which addresses are in use are never replaced.
struct SliceClaim {
    /// For how many seconds a slice is its node's even if it uses no address of it.
    static let settlingTime: Int64 = 60
    /// How many slices a new one replaces at most, so that the transaction fits into etcd's limit of operations.
    static let replacementLimit = 16

    let txn: Txn

    /// Builds the transaction.
    ///
    /// - Parameters:
    ///   - vacancy: What is claimed.
    ///   - range: The range that it is a part of.
    ///   - node: Who claims it.
    ///   - largest: The key of the size of the largest slices as it was read.
    ///   - revision: The revision at which the node's slices were read, before the vacancy was found.
    init(_ vacancy: SliceVacancy, of range: SlicedRange, for node: String, largest: KeyValue?, revision: Int64) {
        let prefix = vacancy.prefix
        let span = vacancy.span
        var conditions = [
            largest.map { Compare.isUnchanged($0.key, since: $0.modRevision) } ?? .isAbsent(range.largestKey),
            Compare(range.nodeKeys(node), .less, .modRevision(revision + 1)),
            Compare(range.keys(span), .less, .modRevision(revision + 1)),
        ]
        conditions += vacancy.unchanged.map { Compare.isUnchanged($0.key, since: $0.revision) }
        conditions += vacancy.replaced.map { Compare.isUnchanged($0.key, since: $0.revision) }
        let key = range.key(prefix.first)
        if vacancy.replaced.isEmpty {
            conditions.append(Compare(range.keys(span), .equal, .createRevision(0)))
        } else {
            let addresses = KeySpace.addresses(range.domain.keyPart, span)
            conditions.append(Compare(addresses, .equal, .createRevision(0)))
        }
        let slice = NodeSlice(prefix, of: node, claimed: Timestamp.secondsNow).encoded
        var operations: [TxnOperation] = [
            .put(PutRequest(key, slice)), .put(PutRequest(range.nodeKey(node, prefix.first), slice)),
        ]
        if largest.map({ Self.length($0) > prefix.length }) ?? true {
            operations.append(.put(PutRequest(range.largestKey, String(prefix.length))))
        }
        for old in vacancy.replaced {
            operations.append(
                .deleteRange(DeleteRangeRequest(.single(range.nodeKey(old.slice.node, old.slice.prefix.first))))
            )
            if old.key != key {
                operations.append(.deleteRange(DeleteRangeRequest(.single(old.key))))
            }
        }
        txn = Txn(if: conditions, then: operations)
    }

    /// The prefix length of the largest slices; the shortest there can be where the key says none.
    static func length(_ largest: KeyValue) -> Int {
        Int(String(decoding: largest.value, as: UTF8.self)) ?? 0
    }
}
