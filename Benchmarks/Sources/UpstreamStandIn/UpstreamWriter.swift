internal import EtcdClient
internal import IPTypes
internal import JSON
internal import KubernetesClient

/// A writer that keeps to the protocol of upstream's plugin: it reads the pool object, looks at the reservation of the address that it means to take, patches
/// the pool guarded by its version, and creates or deletes the reservation behind that.
///
/// Tests have it write beside our datastore; what is compared with our plugin holds the lease too.
struct UpstreamWriter {
    /// A call that came to no end.
    struct Failure: Error {
        let reason: String
    }

    private let client: KubernetesClient
    private let range: IPPrefix
    private let election: LeaderElection?
    private let deadline: Deadline?
    private let pools = APIResource(group: "whereabouts.cni.cncf.io", version: "v1alpha1", plural: "ippools")
    private let reservations = APIResource(
        group: "whereabouts.cni.cncf.io",
        version: "v1alpha1",
        plural: "overlappingrangeipreservations"
    )

    /// Makes a writer of one range, which holds the lease of an election, if it takes part in one, and ends by a deadline, if there is one.
    init(
        _ client: KubernetesClient,
        range: IPPrefix,
        election: LeaderElection? = nil,
        deadline: Deadline? = nil
    ) {
        self.client = client
        self.range = range
        self.election = election
        self.deadline = deadline
    }

    private var namespace: String { client.namespace ?? "" }

    private func send(_ verb: APIRequest.Verb, _ resource: APIResource, _ name: String? = nil) throws -> APIReply {
        try election?.renewIfDue()
        let limit = deadline ?? .after(.seconds(60))
        return try client.send(APIRequest(verb, resource, namespace: namespace, name: name), deadline: limit)
    }

    /// Lists all pool objects, as upstream does before each change.
    func checkConnectivity() throws {
        _ = try send(.list, pools)
    }

    private static func name(_ text: String) -> String {
        let whole = text.hasSuffix(":") ? text + "0" : text
        return String(whole.map { $0 == ":" || $0 == "/" ? "-" : $0 })
    }

    private func pool() throws -> (version: JSONValue, allocations: [String: JSONValue]) {
        let name = Self.name(range.description)
        while true {
            if case .object(let object) = try send(.get, pools, name) {
                guard case .object(let allocations)? = object.member("spec")?.member("allocations") else {
                    throw Failure(reason: "no allocations")
                }
                return (object.member("metadata")?.member("resourceVersion") ?? .null, allocations)
            }
            let new: JSONValue = .object([
                "apiVersion": .string(pools.apiVersion), "kind": .string("IPPool"),
                "metadata": .object(["name": .string(name), "namespace": .string(namespace)]),
                "spec": .object(["range": .string(range.description), "allocations": .object([:])]),
            ])
            _ = try send(.create(new), pools)
        }
    }

    private func patch(_ version: JSONValue, _ operations: [[String: JSONValue]]) throws -> Bool {
        let guarded: [String: JSONValue] = [
            "op": .string("test"), "path": .string("/metadata/resourceVersion"), "value": version,
        ]
        let patch = JSONValue.array(([guarded] + operations).map(JSONValue.object))
        if case .object = try send(.patch(patch), pools, Self.name(range.description)) { return true }
        return false
    }

    /// An ADD: the address.
    func add(_ container: String, pod: String, interface: String = "eth0") throws -> IPAddress {
        let entry: JSONValue = .object([
            "id": .string(container), "podref": .string(pod), "ifname": .string(interface),
        ])
        var reserved: Set<UInt128> = []
        for _ in 0..<100 {
            let (version, allocations) = try pool()
            var offset: UInt128 = 1
            while allocations[String(offset)] != nil || reserved.contains(offset) { offset += 1 }
            guard let address = range.first.advanced(by: offset), address < range.last else {
                throw Failure(reason: "full")
            }
            guard try send(.get, reservations, Self.name(address.description)) == .missing else {
                reserved.insert(offset)
                continue
            }
            let path = JSONValue.string("/spec/allocations/\(offset)")
            let isDone = try patch(
                version,
                [
                    ["op": .string("test"), "path": path, "value": .null],
                    ["op": .string("add"), "path": path, "value": entry],
                ]
            )
            guard isDone else { continue }
            let reservation: JSONValue = .object([
                "apiVersion": .string(reservations.apiVersion), "kind": .string("OverlappingRangeIPReservation"),
                "metadata": .object(["name": .string(Self.name(address.description)), "namespace": .string(namespace)]),
                "spec": .object(["podref": .string(pod), "ifname": .string(interface)]),
            ])
            guard case .object = try send(.create(reservation), reservations) else {
                throw Failure(reason: "the reservation exists")
            }
            return address
        }
        throw Failure(reason: "too many tries")
    }

    /// A DEL.
    func delete(_ container: String, interface: String = "eth0") throws {
        for _ in 0..<100 {
            let (version, allocations) = try pool()
            let found = allocations.first {
                $0.value.member("id") == .string(container) && $0.value.member("ifname") == .string(interface)
            }
            guard let found, let offset = UInt128(found.key), let address = range.first.advanced(by: offset) else {
                return
            }
            let operation: [String: JSONValue] = [
                "op": .string("remove"), "path": .string("/spec/allocations/\(found.key)"),
            ]
            guard try patch(version, [operation]) else { continue }
            _ = try send(.delete(uid: nil, resourceVersion: nil), reservations, Self.name(address.description))
            return
        }
        throw Failure(reason: "too many tries")
    }
}
