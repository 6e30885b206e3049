internal import EtcdClient
internal import IPAM
internal import IPTypes

/// The operations that write an owner's allocations.
///
/// Values that many links of a chain share are encoded once.
struct ClaimEncoding {
    private let request: AllocationRequest
    private let domains: [String]
    private let marks: [Key]
    private let records: [[UInt8]]
    private let created = NodeMoment.now
    private let owner: [UInt8]
    private let indexPrefixes: [String]

    init(_ request: AllocationRequest) {
        self.request = request
        domains = request.demands.map(\.domain.keyPart)
        marks = request.demands.map { KeySpace.mark($0.domain.keyPart, $0.pool, request.policy.strategy) }
        records = request.demands.map { [created] in Self.record(request, $0.pool, created) }
        owner = RecordCoding.encode(IndexEntry(request.owner))
        indexPrefixes = KeySpace.indexPrefixes(request.owner)
    }

    /// The key of a demand's address.
    func key(_ demand: Int, _ address: IPAddress) -> Key {
        KeySpace.address(domains[demand], address)
    }

    /// Takes a free address: writes the record and its index keys, and removes what marks it as free.
    func claim(_ demand: Int, _ candidate: Candidate) -> [TxnOperation] {
        let address = candidate.address
        var operations = write(domains[demand], address, records[demand])
        operations.append(.deleteRange(DeleteRangeRequest(.single(KeySpace.free(domains[demand], address)))))
        if let mark = candidate.mark {
            operations.append(.put(PutRequest(marks[demand], mark.fixedWidthText)))
        }
        return operations
    }

    /// Makes an address of the same pod's earlier container this owner's, and removes the earlier index keys.
    func passOver(_ pool: AddressPool, _ owned: OwnedAddress) -> [TxnOperation] {
        let suffix = KeySpace.suffix(owned.domain, owned.address)
        var earlier = KeySpace.indexPrefixes(owned.owner).filter { !indexPrefixes.contains($0) }.map {
            Key($0 + suffix)
        }
        if let until = owned.retainedUntil {
            earlier.append(KeySpace.retained(owned.domain, until: until, owned.address))
        }
        return write(owned.domain, owned.address, Self.record(request, pool, created))
            + earlier.map { .deleteRange(DeleteRangeRequest(.single($0))) }
    }

    private static func record(_ request: AllocationRequest, _ pool: AddressPool, _ created: NodeMoment) -> [UInt8] {
        RecordCoding.encode(
            AllocationRecord(
                owner: request.owner,
                podUID: request.podUID,
                range: pool.range.description,
                created: created
            )
        )
    }

    private func write(_ domain: String, _ address: IPAddress, _ record: [UInt8]) -> [TxnOperation] {
        let suffix = KeySpace.suffix(domain, address)
        return [.put(PutRequest(KeySpace.address(domain, address), record))]
            + indexPrefixes.map { .put(PutRequest(Key($0 + suffix), owner)) }
    }
}
