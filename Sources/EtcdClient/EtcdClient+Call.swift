extension EtcdClient {
    /// What a request does to the store, which decides whether it may be repeated.
    enum Effect {
        /// Repeated freely.
        case read
        /// Repeated only when it certainly was not applied: a second try of an applied write would be a second write.
        case write
    }

    /// What bounds the time of one attempt.
    enum Patience {
        /// `EtcdConfiguration.requestTimeout`, beside the deadline.
        case request
        /// The deadline alone, for work that takes its time.
        case deadline
    }

    /// Makes one call as the configured user, with all the retries that are safe.
    ///
    /// It ends by the deadline. A request that fails without having been applied is given up earlier, `retryTimeout` after
    /// its first failure.
    func call<Request: ProtobufEncodable, Response: ProtobufDecodable>(
        _ method: String,
        _ request: Request,
        effect: Effect,
        requiresLeader: Bool = true,
        patience: Patience = .request,
        deadline: Deadline
    ) throws(EtcdError) -> Response {
        let encoded = request.encoded()
        return try authenticated(for: method, deadline: deadline) { token throws(EtcdError) in
            try send(
                method,
                encoded,
                effect: effect,
                metadata: CallMetadata(
                    requiresLeader: requiresLeader && configuration.requiresLeader,
                    token: token
                ),
                patience: patience,
                deadline: deadline
            )
        }
    }

    /// Makes one call with what goes along with it, with all the retries that are safe.
    func send<Response: ProtobufDecodable>(
        _ method: String,
        _ request: [UInt8],
        effect: Effect,
        metadata: CallMetadata,
        patience: Patience = .request,
        deadline: Deadline
    ) throws(EtcdError) -> Response {
        try retrying(effect, patience, deadline: deadline) { target, limit in
            let reply = grpc.blockingCall(
                target: target,
                method: method,
                request: request,
                metadata: metadata,
                deadline: limit
            )
            guard reply.status == GRPCStatus.ok.rawValue else { return .failure(CallFailure(reply)) }
            do throws(MalformedReply) {
                return .success(try reply.response())
            } catch {
                return .failure(.malformed(error))
            }
        }
    }

    /// Does something with a target, given by its number, as often as it takes and is safe: the one place that retries.
    ///
    /// `exchange` gets the time by which the request must be answered.
    func retrying<Response>(
        _ effect: Effect,
        _ patience: Patience = .request,
        deadline: Deadline,
        _ exchange: (Int, Deadline) -> Outcome<Response>
    ) throws(EtcdError) -> Response {
        guard !deadline.hasPassed else {
            throw EtcdError(.timedOut, "no time is left for a call of etcd", advice: "Call with a later deadline.")
        }
        var attempts = CallAttempts(configuration)
        while true {
            let failure: CallFailure
            switch attempt(effect, patience, deadline: deadline, attempts: &attempts, exchange) {
            case .success(let response): return response
            case .failure(let reason): failure = reason
            }
            if effect == .write, failure.mayHaveBeenApplied {
                throw attempts.error(
                    .outcomeUnknown,
                    "the answer to a write is missing, its outcome is unknown",
                    advice: "Read what the write would have changed before it is repeated."
                )
            }
            guard !grpc.isCanceled else { throw EtcdError.canceled }
            let isConnectFailure = failure.connectFailure != nil
            if isConnectFailure, renewChannelsOfChangedFiles() { continue }
            guard failure.isTransient, let pause = attempts.nextPause(deadline: deadline) else {
                throw diagnosed(failure, &attempts, deadline: deadline)
            }
            if failure.connectFailure == .disagreement, attempts.isFirstDisagreement(),
                let error = finalError(&attempts, deadline: deadline)
            {
                throw error
            }
            blockingPause(until: min(deadline, .after(pause)), orConnection: isConnectFailure)
            // A call without any time left would end without a cause, and as one that may have been sent.
            guard !deadline.hasPassed else {
                throw attempts.error(failure.code, failure.message, advice: failure.advice)
            }
        }
    }

    /// Waits, and lets gRPC get on with its connections meanwhile.
    ///
    /// With `orConnection` it ends when one has come about.
    func blockingPause(until end: Deadline, orConnection: Bool) {
        while !end.hasPassed, !grpc.isCanceled {
            let connections = (0..<grpc.targetCount).map { grpc.connect(target: $0) }
            if orConnection, connections.contains(.ready) { return }
            grpc.blockingAwaitChange(deadline: end)
        }
    }

    /// What came of one attempt.
    enum Outcome<Response> {
        case success(Response)
        case failure(CallFailure)
    }

    /// Makes one call on the target that serves, after connecting if need be.
    private func attempt<Response>(
        _ effect: Effect,
        _ patience: Patience,
        deadline: Deadline,
        attempts: inout CallAttempts,
        _ exchange: (Int, Deadline) -> Outcome<Response>
    ) -> Outcome<Response> {
        var last: CallFailure?
        for target in targetsToCall(effect, deadline: deadline, attempts: &attempts) {
            let limit = patience == .deadline ? deadline : min(deadline, .after(configuration.requestTimeout))
            let failure: CallFailure
            switch exchange(target, limit) {
            case .success(let response):
                current = target
                return .success(response)
            case .failure(let reason):
                failure = reason
            }
            attempts.record(endpoint: targets[target].endpoint, target: target, failure)
            last = failure.following(last)
            if case .server = failure.code, !failure.isTransient {
                // The endpoint is well: any other one of the cluster would have refused the request too.
                current = target
                break
            }
            leave(target, after: failure)
            guard failure.connectFailure != nil else { break }
        }
        return .failure(last ?? .noConnection(after: configuration.connectTimeout))
    }

    /// The targets to call, one after the other until one can be connected.
    ///
    /// That is the one that serves, or the only one, or the first that a race brings to a connection. Where all
    /// connections failed it is all of them: a call of each tells its cause, which gRPC's connectivity does not.
    ///
    /// In the race each target starts a stagger after the one before, or at once when all before it have failed. gRPC's own
    /// choice from a list of addresses waits 20 seconds for a silent one.
    func targetsToCall(_ effect: Effect, deadline: Deadline, attempts: inout CallAttempts) -> [Int] {
        if let current { return [current] }
        let count = grpc.targetCount
        // A read spares itself the wait for a connection. Of a write it must be known whether it was sent, and a call that
        // waits for its connection to the deadline doesn't tell.
        guard count > 1 || effect == .write else { return [0] }

        var race = currentRace()
        self.race = nil
        while true {
            let states = race.order.prefix(race.started).map { grpc.connect(target: $0) }
            if let ready = states.firstIndex(of: .ready) {
                // The others are no failure of the call, and worth a word if the one that serves fails too.
                for (target, state) in zip(race.order, states) where state != .ready {
                    let cause = state == .failed ? "no connection" : "no connection while another one came about"
                    attempts.mention(endpoint: targets[target].endpoint, target: target, cause)
                }
                return [race.order[ready]]
            }
            let failed = states.count { $0 == .failed }
            if failed == count {
                return race.order
            }
            let limit = min(deadline, race.end)
            if limit.hasPassed || grpc.isCanceled {
                for target in race.order.prefix(race.started) {
                    let failure = CallFailure.noConnection(after: Deadline.now.duration(since: race.start))
                    attempts.record(endpoint: targets[target].endpoint, target: target, failure)
                }
                // Whoever calls with short deadlines goes on with it.
                if !race.end.hasPassed { self.race = race }
                return []
            }
            if race.started < count, failed == race.started || race.nextStart.hasPassed {
                race.started += 1
                race.nextStart = .after(configuration.stagger)
            } else {
                grpc.blockingAwaitChange(deadline: race.started < count ? min(limit, race.nextStart) : limit)
            }
        }
    }

    /// The race that is under way, or a new one.
    private func currentRace() -> Race {
        if let race, !race.end.hasPassed { return race }
        let resolveTimeout = targets.contains(where: \.needsResolving) ? configuration.resolveTimeout : .zero
        return Race(
            order: targets.indices.map { (preferred + $0) % targets.count },
            nextStart: .after(configuration.stagger),
            end: .after(resolveTimeout + configuration.connectTimeout)
        )
    }
}
