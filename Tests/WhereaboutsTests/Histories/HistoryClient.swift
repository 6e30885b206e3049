import EtcdClient
import EtcdLab
import IPAM
import IPTypes
import TestSupport
import Testing

@testable import Whereabouts

/// One of several clients whose calls race for the same ranges; its nodes, pods and containers are its own.
///
/// So what its own calls do to its own records is known, as in a history that is alone, whatever address it gets.
struct HistoryClient {
    private let endpoint: String
    private let datastore: EtcdDatastore
    private let ledger: OwnershipLedger
    private var generator: HistoryGenerator
    private var model = AllocationModel()

    init(_ name: String, seed: UInt64, etcd endpoint: String, _ ledger: OwnershipLedger) throws {
        self.endpoint = endpoint
        datastore = EtcdDatastore(try EtcdClient(connectionString: endpoint))
        self.ledger = ledger
        generator = HistoryGenerator(name, seed: seed, plans: try HistoryPlans.all())
    }

    /// The containers that have called.
    var containers: [HistoryContainer] {
        generator.containers
    }

    mutating func run(steps: Int) throws {
        for step in 0..<steps {
            do {
                switch generator.verb() {
                case .add: try add()
                case .delete: try delete()
                case .check, .status: try check()
                case .collect: try collect()
                }
            } catch {
                throw ModelMismatch("client of \(generator.nodes[0]), step \(step): \(error)")
            }
        }
    }

    private mutating func add() throws {
        let request = generator.request(generator.container())
        let held = model.held(request)
        let answer = Result { () throws(DatastoreError) in
            try datastore.allocate(request, deadline: .after(.seconds(30)))
        }
        switch answer {
        case .success(let allocations):
            let given = allocations.map { ModelPlace(domain: $0.domain, address: $0.address.address) }
            for (held, given) in zip(held, given) where held.map({ $0 != given }) ?? false {
                throw ModelMismatch(
                    "\(request.owner.attachment) was given \(given), and has \(held.map(\.description) ?? "")"
                )
            }
            model.add(request, given)
            for place in given { ledger.enter(place, for: Self.holder(request.owner)) }
        case .failure(.rangeFull), .failure(.addressTaken):
            guard held.contains(nil) else { throw ModelMismatch("\(answer) for what has all: \(held)") }
        case .failure(let error): throw error
        }
    }

    private mutating func delete() throws {
        let attachment = generator.known().owner(generator.interface(), network: "").attachment
        let retention = generator.retention()
        let due = model.places(of: attachment)
        remove(due, retention: retention)
        let released = try repeated { datastore in
            try EtcdDatastore(datastore.client, retention: retention).release(
                attachment,
                deadline: .after(.seconds(30))
            )
        }
        guard released == due.count else { throw ModelMismatch("released \(released) and not \(due)") }
    }

    /// Makes a call, and now and then once more at the same time, as by a runtime that did not wait.
    ///
    /// - Returns: How many addresses both together have released.
    private mutating func repeated(_ call: @escaping @Sendable (EtcdDatastore) throws -> Int) throws -> Int {
        guard generator.chance(1, in: 3) else { return try call(datastore) }
        let endpoint = endpoint
        let other = BackgroundCall { try call(EtcdDatastore(EtcdClient(connectionString: endpoint))) }
        let done = Result { try call(datastore) }
        return try other.value() + done.get()
    }

    private mutating func check() throws {
        let attachment = generator.known().owner(generator.interface(), network: "").attachment
        let own = model.places(of: attachment)
        let state = try datastore.state(
            of: attachment,
            addresses: own.map { ($0.domain, $0.address) },
            deadline: .after(.seconds(30))
        )
        for place in own where !state.owns(place.address, in: place.domain, attachment) {
            throw ModelMismatch("\(place) is not of \(attachment) any more")
        }
    }

    private mutating func collect() throws {
        let network = generator.pick(HistoryGenerator.networks)
        let node = generator.pick(generator.nodes)
        let retention = generator.retention()
        let attachments = Set(model.records.values.map(\.owner.attachment)).sorted { $0.description < $1.description }
        let valid = Set(attachments.filter { _ in generator.chance(3, in: 4) })
        let due = model.garbage(keeping: valid, network: network, node: node)
        remove(due, retention: retention)
        let released = try repeated { datastore in
            let collection = EtcdDatastore(datastore.client, retention: retention).collectGarbage(
                keeping: valid,
                network: network,
                node: node,
                createdBefore: DatastoreFixture.later,
                deadline: .after(.seconds(30))
            )
            if let error = collection.errors.first { throw error }
            return collection.released
        }
        guard released == due.count else { throw ModelMismatch("released \(released), and not \(due)") }
    }

    /// Notes a release before it is called; what waits for a pod stays the pod's.
    private mutating func remove(_ places: [ModelPlace], retention: Int64) {
        for place in places where retention == 0 || model.records[place]?.owner.pod == nil {
            ledger.remove(place)
        }
        model.release(places, retention: retention, during: 0...0)
    }

    /// Who has an address: a container, or a pod through all its containers.
    private static func holder(_ owner: AllocationOwner) -> String {
        "\(owner.pod.map(\.description) ?? owner.containerID)/\(owner.interfaceName)"
    }
}
