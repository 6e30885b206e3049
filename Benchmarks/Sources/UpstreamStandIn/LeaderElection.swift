internal import EtcdClient
internal import Glibc
internal import IPAM
internal import JSON
internal import KubernetesClient

/// The lease that one call in a cluster holds at a time, by the protocol of client-go's leader election with upstream's times.
///
/// Its holder renews it before a request when half a second has passed since it last did. client-go does so at once and beside the work, which costs
/// the API server more.
final class LeaderElection {
    /// A lease that was not acquired in time, or is another one's.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let leaseDuration = Duration.milliseconds(1500)
    private static let renewDeadline = Duration.milliseconds(1000)
    private static let retryPeriod = Duration.milliseconds(500)
    private static let jitterFactor = 1.2
    private static let requestLimit = Duration.seconds(10)
    private static let name = "whereabouts"

    private let client: KubernetesClient
    private let identity: String
    private let leases = APIResource(group: "coordination.k8s.io", version: "v1", plural: "leases")
    /// What others wrote last, and until when it holds: a lease's age counts from when a change of it was seen, by the own clock.
    private var observed: (record: JSONValue, validity: Deadline)?
    /// The lease as it was read or written last.
    private var lease = JSONValue.null
    private var renewal = Deadline.never

    /// Takes part by a client, which belongs to the same thread.
    init(_ client: KubernetesClient, identity: String) {
        self.client = client
        self.identity = identity
    }

    /// Waits until this is the holder.
    ///
    /// - Throws: `Failure` when the time is up, and what the API server refuses.
    func acquire(deadline: Deadline) throws {
        while try !tryAcquire() {
            let pause = Self.retryPeriod * Double.random(in: 1..<1 + Self.jitterFactor)
            guard pause < deadline.remaining else {
                throw Failure(description: "time limit exceeded while waiting to become leader")
            }
            usleep(UInt32(pause / .microseconds(1)))
        }
    }

    /// Renews the lease if it is time to.
    ///
    /// - Throws: `Failure` when it is another one's by now.
    func renewIfDue() throws {
        guard renewal.hasPassed else { return }
        guard try write(holder: identity, deadline: .after(Self.renewDeadline)) else {
            throw Failure(description: "the lease was lost")
        }
    }

    /// Lets the next one acquire the lease without waiting for its end.
    func release() {
        _ = try? write(holder: "", deadline: .after(Self.requestLimit))
    }

    private func tryAcquire() throws(KubernetesError) -> Bool {
        do throws(KubernetesError) {
            let deadline = Deadline.after(Self.requestLimit)
            let namespace = client.namespace
            let get = APIRequest(.get, leases, namespace: namespace, name: Self.name)
            guard case .object(let object) = try client.send(get, deadline: deadline) else {
                return try create(deadline: deadline)
            }
            let record = object.member("spec") ?? .null
            if record != observed?.record { observed = (record, .after(Self.leaseDuration)) }
            let isHeld = record.member("holderIdentity").map { $0 != .string("") && $0 != .string(identity) } ?? false
            if isHeld, observed?.validity.hasPassed == false { return false }
            lease = object
            return try write(holder: identity, deadline: deadline)
        } catch {
            // client-go tries again after any error; one that will stay had better be seen.
            guard error.isUnavailability else { throw error }
            return false
        }
    }

    private func create(deadline: Deadline) throws(KubernetesError) -> Bool {
        let new = JSONValue.object([
            "apiVersion": .string(leases.apiVersion), "kind": .string("Lease"),
            "metadata": .object(["name": .string(Self.name), "namespace": .string(client.namespace ?? "")]),
            "spec": record(holder: identity, transitions: 0),
        ])
        return try accepted(.create(new), name: nil, deadline: deadline)
    }

    /// Writes a holder into the lease; false when somebody else has changed it since it was read.
    private func write(holder: String, deadline: Deadline) throws(KubernetesError) -> Bool {
        guard case .object(var object) = lease else { return false }
        let spec = lease.member("spec")
        var transitions: Int64 = 0
        if case .integer(let count)? = spec?.member("leaseTransitions") { transitions = count }
        if !holder.isEmpty, spec?.member("holderIdentity") != .string(holder) { transitions += 1 }
        object["spec"] = record(holder: holder, transitions: transitions)
        return try accepted(.update(.object(object)), name: Self.name, deadline: deadline)
    }

    private func accepted(_ verb: APIRequest.Verb, name: String?, deadline: Deadline) throws(KubernetesError) -> Bool {
        let request = APIRequest(verb, leases, namespace: client.namespace, name: name)
        guard case .object(let object) = try client.send(request, deadline: deadline) else { return false }
        lease = object
        renewal = .after(Self.retryPeriod)
        return true
    }

    private func record(holder: String, transitions: Int64) -> JSONValue {
        let now = WallClock.now()
        let microseconds = String(now / 1000 % 1_000_000)
        let padding = String(repeating: "0", count: 6 - microseconds.count)
        let seconds = Timestamp.text(secondsSince1970: now / 1_000_000_000).dropLast()
        let time = JSONValue.string("\(seconds).\(padding)\(microseconds)Z")
        return .object([
            "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(1), "acquireTime": time,
            "renewTime": time, "leaseTransitions": .integer(transitions),
        ])
    }
}
