import IPAM
import IPTypes

@testable import Whereabouts

/// What the datastore must do, said as simply as it can be: the records of all addresses, and when each was released.
///
/// Times are such that a delay or a retention is over at once, for 0 seconds, or never.
struct AllocationModel {
    private(set) var records: [ModelPlace: ModelRecord] = [:]
    /// The addresses that were released and not given out since, with the seconds between which that happened.
    private(set) var released: [ModelPlace: ClosedRange<Int64>] = [:]
    /// What pools that go round gave out last.
    private var marks: [Pool: IPAddress] = [:]

    private struct Pool: Hashable {
        let domain: AllocationDomain
        let range: IPPrefix
        let allocatable: IPRangeSet

        init(_ demand: AllocationRequest.Demand) {
            domain = demand.domain
            range = demand.pool.range
            allocatable = demand.pool.allocatable
        }
    }

    // MARK: - ADD

    /// What an ADD may answer.
    func expectation(_ request: AllocationRequest) -> ModelExpectation {
        var addresses: [Set<ModelPlace>] = []
        var full: [AllocationRequest.Demand] = []
        var taken: [ModelPlace] = []
        for demand in request.demands {
            if let held = held(demand, by: request.owner) {
                addresses.append([held])
            } else if let requested = demand.requested {
                let place = ModelPlace(domain: demand.domain, address: requested)
                if records[place] == nil {
                    addresses.append([place])
                } else {
                    taken.append(place)
                }
            } else if let choice = demand.choices.first(where: { hasFree($0) }) {
                addresses.append(next(choice, request.policy))
            } else {
                full.append(demand)
            }
        }
        return full.isEmpty && taken.isEmpty ? .addresses(addresses) : .refusal(full: full, taken: taken)
    }

    /// Notes what an ADD was given.
    mutating func add(_ request: AllocationRequest, _ given: [ModelPlace]) {
        for (demand, place) in zip(request.demands, given) {
            if let record = records[place], record.owner.attachment == request.owner.attachment, !record.isWaiting {
                // It had the address already, and nothing is written.
                continue
            }
            let isNew = records[place] == nil
            records[place] = ModelRecord(owner: request.owner)
            released[place] = nil
            let choice = demand.choices.first {
                $0.domain == place.domain && $0.pool.allocatable.contains(place.address)
            }
            if isNew, demand.requested == nil, request.policy.strategy == .next, let choice {
                marks[Pool(choice)] = place.address
            }
        }
    }

    /// The address of the owner that meets a demand: of the attachment itself, or else of the same pod's interface.
    private func held(_ demand: AllocationRequest.Demand, by owner: AllocationOwner) -> ModelPlace? {
        let own = places { $0.owner.attachment == owner.attachment && !$0.isWaiting }
        let inherited = places { record in
            owner.pod != nil && record.owner.pod == owner.pod && record.owner.interfaceName == owner.interfaceName
                && (record.owner.containerID != owner.containerID || record.isWaiting)
        }
        // What waits for the pod comes behind what a container of it has.
        let waiting = inherited.filter { records[$0]?.isWaiting == true }
        return (own + inherited.filter { !waiting.contains($0) } + waiting).first { place in
            (demand.requested ?? place.address) == place.address
                && demand.choices.contains { $0.domain == place.domain && $0.pool.allocatable.contains(place.address) }
        }
    }

    /// For each demand the address of the owner that meets it.
    func held(_ request: AllocationRequest) -> [ModelPlace?] {
        request.demands.map { held($0, by: request.owner) }
    }

    /// Whether a pool has an address left, its fallbacks aside.
    func hasFree(_ demand: AllocationRequest.Demand) -> Bool {
        !places(demand).allSatisfy { records[$0] != nil }
    }

    /// The addresses of which a pool must give out one next.
    private func next(_ demand: AllocationRequest.Demand, _ policy: AllocationPolicy) -> Set<ModelPlace> {
        var all = places(demand)
        if policy.strategy == .next, let mark = marks[Pool(demand)] {
            all = all.filter { $0.address > mark } + all.filter { $0.address <= mark }
        }
        let free = all.filter { records[$0] == nil }
        let first = free.first { policy.reuseDelay == 0 || released[$0] == nil }
        if let first { return [first] }
        // Those of which none was certainly released earlier, and of those of the same second only the lowest.
        return Set(free.filter { place in free.allSatisfy { $0 == place || !precedes($0, place) } })
    }

    /// Whether an address certainly comes before another one where both were released too short a time ago.
    private func precedes(_ first: ModelPlace, _ second: ModelPlace) -> Bool {
        guard let early = released[first], let late = released[second] else { return false }
        return early.upperBound < late.lowerBound || early.count == 1 && early == late && first < second
    }

    private func places(_ demand: AllocationRequest.Demand) -> [ModelPlace] {
        demand.pool.allocatable.ranges.flatMap { range in
            (0..<range.count).compactMap { range.first.advanced(by: $0) }
        }.map { ModelPlace(domain: demand.domain, address: $0) }
    }

    // MARK: - DEL and GC

    /// What an attachment has.
    func places(of attachment: Attachment) -> [ModelPlace] {
        places { $0.owner.attachment == attachment && !$0.isWaiting }
    }

    /// What a garbage collection must release.
    func garbage(keeping valid: Set<Attachment>, network: String, node: String) -> [ModelPlace] {
        places { record in
            record.owner.network == network && record.owner.node == node && !record.isWaiting
                && !valid.contains(record.owner.attachment)
        }
    }

    /// Notes that addresses were released between two seconds.
    mutating func release(_ places: [ModelPlace], retention: Int64, during seconds: ClosedRange<Int64>) {
        for place in places {
            if retention > 0, records[place]?.owner.pod != nil {
                records[place]?.isWaiting = true
            } else {
                records[place] = nil
                released[place] = seconds
            }
        }
    }

    private func places(where isMeant: (ModelRecord) -> Bool) -> [ModelPlace] {
        records.filter { isMeant($0.value) }.keys.sorted()
    }
}
