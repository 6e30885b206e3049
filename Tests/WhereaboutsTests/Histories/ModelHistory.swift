import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// One history of calls, of which each is made of the datastore and of the model, and compared.
struct ModelHistory {
    private let fixture: DatastoreFixture
    private var model = AllocationModel()
    private var generator: HistoryGenerator
    /// The last calls, for a failure's report.
    private var trace: [String] = []

    init(_ fixture: DatastoreFixture, seed: UInt64) throws {
        self.fixture = fixture
        generator = HistoryGenerator(seed: seed, plans: try HistoryPlans.all())
    }

    /// Makes the calls; ends with the first that differs.
    mutating func run(steps: Int) throws {
        for step in 0..<steps {
            do {
                switch generator.verb() {
                case .add: try add(step)
                case .delete: try delete(step)
                case .check: try check(step)
                case .status: try status(step)
                case .collect: try collect(step)
                }
                if step % 16 == 0 || step == steps - 1 {
                    try compareStore()
                }
            } catch {
                Issue.record("step \(step): \(error)\n\(trace.suffix(40).joined(separator: "\n"))")
                return
            }
        }
        try fixture.expectConsistency()
    }

    // MARK: - Calls

    private mutating func add(_ step: Int) throws {
        let request = generator.request(generator.container())
        note(step, "ADD \(request.summary)")
        let expected = model.expectation(request)
        let answer = Result { () throws(DatastoreError) in
            try fixture.datastore.allocate(request, deadline: .after(.seconds(5)))
        }
        switch answer {
        case .success(let allocations):
            let given = allocations.map { ModelPlace(domain: $0.domain, address: $0.address.address) }
            guard case .addresses(let sets) = expected, sets.count == given.count,
                zip(sets, given).allSatisfy({ $0.contains($1) })
            else { throw ModelMismatch("gave \(given), and the model \(expected.summary)") }
            model.add(request, given)
        case .failure(let error):
            switch (error, expected) {
            case (.rangeFull(let pool, let domain), .refusal(let full, _))
            where full.contains { $0.choices.contains { $0.pool == pool && $0.domain == domain } }: break
            case (.addressTaken(let address, let domain, let owner, let until), .refusal(_, let taken)):
                let place = ModelPlace(domain: domain, address: address)
                guard taken.contains(place), model.records[place]?.owner == owner,
                    model.records[place]?.isWaiting == (until != nil)
                else { throw ModelMismatch("said \(error), and the model \(expected.summary)") }
            default: throw ModelMismatch("said \(error), and the model \(expected.summary)")
            }
        }
    }

    private mutating func delete(_ step: Int) throws {
        let attachment = generator.known().owner(generator.interface(), network: "").attachment
        let retention = generator.retention()
        note(step, "DEL \(attachment) retain \(retention)")
        let due = model.places(of: attachment)
        let start = Timestamp.secondsNow
        let released = try EtcdDatastore(fixture.client, retention: retention).release(
            attachment,
            deadline: DatastoreFixture.deadline()
        )
        guard released == due.count else { throw ModelMismatch("released \(released) and not \(due)") }
        model.release(due, retention: retention, during: start...Timestamp.secondsNow)
    }

    private mutating func check(_ step: Int) throws {
        let attachment = generator.known().owner(generator.interface(), network: "").attachment
        let demand = generator.demand()
        let places = demand.choices.flatMap { choice in
            choice.pool.allocatable.ranges.map { ModelPlace(domain: choice.domain, address: $0.first) }
        }
        note(step, "CHECK \(attachment)")
        let own = model.places(of: attachment)
        let asked = Array(Set(places + own))
        let state = try fixture.datastore.state(
            of: attachment,
            addresses: asked.map { ($0.domain, $0.address) },
            deadline: DatastoreFixture.deadline()
        )
        for place in asked {
            guard state.owns(place.address, in: place.domain, attachment) == own.contains(place),
                state.owner(of: place.address, in: place.domain) == model.records[place]?.owner,
                state.addresses(in: place.domain) == own.filter({ $0.domain == place.domain }).map(\.address)
            else { throw ModelMismatch("disagrees about \(place)") }
        }
    }

    private mutating func status(_ step: Int) throws {
        let demand = generator.demand()
        note(step, "STATUS \(demand.summary)")
        let condition = try fixture.datastore.condition(of: demand, deadline: DatastoreFixture.deadline())
        let isServing = demand.choices.contains { model.hasFree($0) }
        let last = demand.choices.last ?? demand
        guard condition == (isServing ? .serving : .exhausted(last.pool, last.domain)) else {
            throw ModelMismatch("said \(condition)")
        }
    }

    private mutating func collect(_ step: Int) throws {
        let network = generator.pick(HistoryGenerator.networks)
        let node = generator.pick(generator.nodes)
        let retention = generator.retention()
        let attachments = Set(model.records.values.map(\.owner.attachment)).sorted { $0.description < $1.description }
        let valid = Set(attachments.filter { _ in generator.chance(3, in: 4) })
        let due = model.garbage(keeping: valid, network: network, node: node)
        note(step, "GC of \(network) on \(node), retain \(retention): \(due)")
        let start = Timestamp.secondsNow
        let collection = EtcdDatastore(fixture.client, retention: retention).collectGarbage(
            keeping: valid,
            network: network,
            node: node,
            createdBefore: DatastoreFixture.later,
            deadline: DatastoreFixture.deadline()
        )
        guard collection.errors.isEmpty, collection.released == due.count else {
            throw ModelMismatch("did \(collection)")
        }
        model.release(due, retention: retention, during: start...Timestamp.secondsNow)
    }

    // MARK: - The store

    /// Compares all records, free keys and waiting addresses of the store with the model's.
    private func compareStore() throws {
        let prefix = KeySpace.prefix + "address/"
        let request = RangeRequest(.prefix(Key(prefix)))
        var found: [String: ModelRecord] = [:]
        for keyValue in try fixture.client.range(request, deadline: DatastoreFixture.deadline()).keyValues {
            let record = try RecordCoding.record(keyValue)
            let suffix = String(keyValue.key.description.dropFirst(prefix.count))
            found[suffix] = ModelRecord(owner: record.owner, isWaiting: record.retainedUntil != nil)
        }
        let expected = Dictionary(uniqueKeysWithValues: model.records.map { ($0.suffix, $1) })
        guard found == expected else {
            throw ModelMismatch("left \(found.filter { expected[$0.key] != $0.value }) for \(expected)")
        }
        let free = try Set(fixture.keys("free/").map { String($0.dropFirst("free/".count)) })
        guard free == Set(model.released.keys.map(\.suffix)) else {
            throw ModelMismatch("marked as free: \(free.symmetricDifference(model.released.keys.map(\.suffix)))")
        }
    }

    private mutating func note(_ step: Int, _ call: String) {
        trace.append("\(step): \(call)")
    }
}

extension ModelPlace {
    fileprivate var suffix: String {
        KeySpace.suffix(domain.keyPart, address)
    }
}

extension ModelExpectation {
    fileprivate var summary: String {
        switch self {
        case .addresses(let sets): "one each of \(sets.map { $0.sorted() })"
        case .refusal(let full, let taken): "full \(full.map(\.summary)), taken \(taken)"
        }
    }
}

extension AllocationRequest {
    fileprivate var summary: String {
        "\(owner.attachment) of \(owner.pod.map(\.description) ?? "no pod") on \(owner.node), network \(owner.network), "
            + "\(policy.strategy) delay \(policy.reuseDelay): \(demands.map(\.summary))"
    }
}

extension AllocationRequest.Demand {
    fileprivate var summary: String {
        choices.map { "\($0.domain.keyPart) \($0.pool.allocatable)" }.joined(separator: " else ")
            + (requested.map { " exactly \($0)" } ?? "")
    }
}
