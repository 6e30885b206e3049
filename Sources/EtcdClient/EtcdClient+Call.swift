extension EtcdClient {
    /// What a request does to the store, which decides whether it may be repeated.
    enum Effect {
        /// Repeated freely.
        case read
        /// Repeated only when it certainly was not applied: a second try of an applied write would be a second write.
        case write
    }

    /// Makes one call, with all the retries that are safe.
    ///
    /// This is the one place that retries.
    ///
    /// It ends by the deadline. A request that fails without having been applied is given up earlier, `retryTimeout` after
    /// its first failure.
    func call<Request: ProtobufEncodable, Response: ProtobufDecodable>(
        _ method: String,
        _ request: Request,
        effect: Effect,
        deadline: Deadline
    ) throws(EtcdError) -> Response {
        guard !deadline.hasPassed else {
            throw EtcdError(.timedOut, "no time is left for a call of etcd")
        }
        let encoded = request.encoded()
        var attempts = CallAttempts(configuration)
        while true {
            let failure: CallFailure
            switch attempt(method, encoded, effect, deadline: deadline, attempts: &attempts) as Outcome<Response> {
            case .success(let response): return response
            case .failure(let reason): failure = reason
            }
            if effect == .write, failure.mayHaveBeenApplied {
                throw attempts.error(.outcomeUnknown, "the answer to a write is missing, its outcome is unknown")
            }
            guard failure.isTransient, let pause = attempts.nextPause(deadline: deadline) else {
                throw attempts.error(failure.code, failure.message, advice: failure.advice)
            }
            blockingPause(until: min(deadline, .after(pause)), orConnection: failure.isConnectFailure)
            // A call without any time left would end without a cause, and as one that may have been sent.
            guard !deadline.hasPassed else {
                throw attempts.error(failure.code, failure.message, advice: failure.advice)
            }
        }
    }

    /// Waits, and lets gRPC get on with its connections meanwhile.
    ///
    /// With `orConnection` it ends when one has come about.
    private func blockingPause(until end: Deadline, orConnection: Bool) {
        while !end.hasPassed {
            let connections = (0..<grpc.targetCount).map { grpc.connect(target: $0) }
            if orConnection, connections.contains(.ready) { return }
            grpc.blockingAwaitChange(deadline: end)
        }
    }

    private enum Outcome<Response> {
        case success(Response)
        case failure(CallFailure)
    }

    /// Makes one call on the target that serves, after connecting if need be.
    private func attempt<Response: ProtobufDecodable>(
        _ method: String,
        _ request: [UInt8],
        _ effect: Effect,
        deadline: Deadline,
        attempts: inout CallAttempts
    ) -> Outcome<Response> {
        var failure = CallFailure.noConnection(after: configuration.connectTimeout)
        for target in targetsToCall(effect, deadline: deadline, attempts: &attempts) {
            let reply = grpc.blockingCall(
                target: target,
                method: method,
                request: request,
                deadline: min(deadline, .after(configuration.requestTimeout))
            )
            if reply.status == GRPCStatus.ok.rawValue {
                do throws(MalformedReply) {
                    let response: Response = try reply.response()
                    current = target
                    return .success(response)
                } catch {
                    failure = .malformed(error)
                }
            } else {
                failure = CallFailure(reply)
            }
            attempts.record(endpoint: endpointOfTarget[target], failure)
            if case .server = failure.code, !failure.isTransient {
                // The endpoint is well: any other one of the cluster would have refused the request too.
                current = target
                break
            }
            current = nil
            preferred = (target + 1) % grpc.targetCount
            guard failure.isConnectFailure else { break }
        }
        return .failure(failure)
    }

    /// The targets to call, one after the other until one can be connected.
    ///
    /// That is the one that serves, or the only one, or the first that a race brings to a connection. Where all
    /// connections failed it is all of them: a call of each tells its cause, which gRPC's connectivity does not.
    ///
    /// In the race each target starts a stagger after the one before, or at once when all before it have failed. gRPC's own
    /// choice from a list of addresses waits 20 seconds for a silent one.
    private func targetsToCall(_ effect: Effect, deadline: Deadline, attempts: inout CallAttempts) -> [Int] {
        if let current { return [current] }
        let count = grpc.targetCount
        // A read spares itself the wait for a connection. Of a write it must be known whether it was sent, and a call that
        // waits for its connection to the deadline doesn't tell.
        guard count > 1 || effect == .write else { return [0] }

        let order = (0..<count).map { (preferred + $0) % count }
        let limit = min(deadline, .after(configuration.connectTimeout))
        var started = 1
        var nextStart = Deadline.after(configuration.stagger)
        while true {
            let states = order.prefix(started).map { grpc.connect(target: $0) }
            if let ready = states.firstIndex(of: .ready) {
                return [order[ready]]
            }
            let failed = states.count { $0 == .failed }
            if failed == count {
                return order
            }
            if limit.hasPassed {
                for target in order.prefix(started) {
                    let failure = CallFailure.noConnection(after: configuration.connectTimeout)
                    attempts.record(endpoint: endpointOfTarget[target], failure)
                }
                return []
            }
            if started < count, failed == started || nextStart.hasPassed {
                started += 1
                nextStart = .after(configuration.stagger)
            } else {
                grpc.blockingAwaitChange(deadline: started < count ? min(limit, nextStart) : limit)
            }
        }
    }
}
