package import CNI
internal import EtcdClient
internal import IPAM
internal import KubernetesClient

/// The plugin's own error codes; the CNI spec leaves 100 and above to plugins.
extension CNIError.Code {
    /// A range has no free address left.
    package static let rangeFull = CNIError.Code(rawValue: 100)
    /// A record in the datastore can't be understood.
    package static let recordUndecodable = CNIError.Code(rawValue: 101)
    /// The datastore refused the request, and will refuse it again.
    package static let datastoreRefused = CNIError.Code(rawValue: 102)
    /// Another owner has the address that was asked for.
    package static let addressTaken = CNIError.Code(rawValue: 104)
    /// CHECK found that the attachment does not own what it should.
    package static let checkFailed = CNIError.Code(rawValue: 103)
}

extension CNIError {
    /// A failure of CHECK.
    static func checkFailed(_ message: String, details: String) -> CNIError {
        CNIError(.checkFailed, message, details: details)
    }

    /// The runtime's view of a datastore's failure: what may pass by itself is "try again later".
    init(_ error: DatastoreError) {
        switch error {
        case .rangeFull:
            self.init(.rangeFull, "range full", details: error.description)
        case .slicesTaken:
            self.init(.rangeFull, "no slice left", details: error.description)
        case .sliceMissing:
            self.init(.tryAgainLater, "no slice yet", details: error.description)
        case .addressOutsideSlices:
            self.init(.addressTaken, "address of another node's slice", details: error.description)
        case .addressTaken:
            self.init(.addressTaken, "address taken", details: error.description)
        case .deleted:
            self.init(.tryAgainLater, "the container was deleted meanwhile", details: error.description)
        case .undecodable:
            self.init(.recordUndecodable, "undecodable record", details: error.description)
        case .contention:
            self.init(.tryAgainLater, "too much contention", details: error.description)
        case .etcd(let cause):
            self.init(cause)
        case .kubernetes(let cause):
            self.init(cause)
        }
    }

    /// All that kept a garbage collection from doing its work, as one error; nil when nothing did.
    init?(_ collection: GarbageCollection) {
        guard let first = collection.errors.first else { return nil }
        var causes = collection.errors.map(\.description)
        if collection.furtherErrors > 0 {
            causes.append("and \(collection.furtherErrors) more")
        }
        self.init(
            CNIError(first).code,
            "the garbage collection is incomplete",
            details: "\(collection.released) addresses were released; \(causes.joined(separator: "; "))"
        )
    }

    /// The failure of an allocation: a range that is full with those which serve in its place, and a limit by its key.
    init(_ error: DatastoreError, of request: AllocationRequest, limit: ConfiguredLimit) {
        self.init(error)
        if case .rangeFull(let pool, let domain) = error {
            details = Self.fullText(pool, domain, request.demands)
        } else if error.isUnavailability {
            self = naming(limit)
        }
    }

    /// The same error, saying that a limit is the reason, if it is.
    func naming(_ limit: ConfiguredLimit) -> CNIError {
        guard limit.deadline.hasPassed else { return self }
        let seconds = limit.duration.components.seconds
        let note = "\(limit.key), \(seconds) s, has passed"
        return CNIError(code, message, details: details.isEmpty ? note : "\(details); \(note)")
    }

    /// What to say of a range without a free address, which may be the last of a group.
    private static func fullText(
        _ pool: AddressPool,
        _ domain: AllocationDomain,
        _ demands: [AllocationRequest.Demand]
    ) -> String {
        let group = demands.first { $0.choices.contains { $0.pool == pool && $0.domain == domain } }
        guard let pools = group?.choices.map(\.pool), pools.count > 1 else {
            return DatastoreError.rangeFull(pool, domain).description
        }
        let list = pools.map { "\($0.range) (\($0.capacity))" }.joined(separator: ", ")
        return "no free address is left in any range of the group \(list) in \(domain); "
            + "widen one, or free addresses that no container uses"
    }

    /// What keeps ranges from serving, as one error; nil when all of them serve.
    ///
    /// Records that can't be trusted weigh more: what is wrong with them may concern containers that run.
    init?(_ conditions: [RangeCondition], of demands: [AllocationRequest.Demand]) {
        var exhausted: [String] = []
        var untrusted: [String] = []
        for condition in conditions {
            switch condition {
            case .serving: continue
            case .exhausted(let pool, let domain):
                exhausted.append(Self.fullText(pool, domain, demands))
            case .untrusted(let pool, let domain, let error):
                untrusted.append("range \(pool.range) in \(domain): \(error)")
            }
        }
        guard !(exhausted + untrusted).isEmpty else { return nil }
        self.init(
            untrusted.isEmpty ? .unavailable : .unavailableLimitedConnectivity,
            untrusted.isEmpty ? "range full" : "records can't be trusted",
            details: (untrusted + exhausted).joined(separator: "; ")
        )
    }

    /// The runtime's view of a failure of etcd.
    init(_ error: EtcdError) {
        switch error.code {
        case .unreachable, .timedOut, .outcomeUnknown, .canceled:
            self.init(.tryAgainLater, "etcd unavailable", details: error.description)
        case .server(let server) where server.isTransient:
            self.init(.tryAgainLater, "etcd unavailable", details: error.description)
        case .missingRole, .missingPermission, .server(.permissionDenied):
            let details = "\(error) The keys in question are those below /whereabouts/."
            self.init(.datastoreRefused, "etcd refused the request", details: details)
        case .server, .malformedReply, .rpc, .file:
            self.init(.datastoreRefused, "etcd refused the request", details: error.description)
        case .handshakeFailed:
            self.init(.datastoreRefused, "no TLS connection to etcd", details: error.description)
        case .invalidConfiguration(let field):
            self.init(.invalidConfiguration, "invalid configuration", details: "\(field.key): \(error)")
        }
    }

    /// The runtime's view of a failure of the API server.
    init(_ error: KubernetesError) {
        switch error.code {
        case .unreachable, .timedOut, .outcomeUnknown:
            self.init(.tryAgainLater, "API server unavailable", details: error.description)
        case .handshakeFailed:
            self.init(.datastoreRefused, "no TLS connection to the API server", details: error.description)
        case .unauthorized, .forbidden, .missingResource, .refused, .malformedReply:
            self.init(.datastoreRefused, "the API server refused the request", details: error.description)
        case .invalidConfiguration:
            self.init(.invalidConfiguration, "invalid configuration", details: "kubernetes.kubeconfig: \(error)")
        }
    }
}
