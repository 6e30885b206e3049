extension EtcdClient {
    /// Makes a call with one request and any number of responses, with the retries of a read.
    ///
    /// `take` gets each response; each one must come within `requestTimeout` of the one before. It returns whether it has enough,
    /// and throws what ends the call. After a failure that may pass everything begins again, with `begin`. That the server has no
    /// more to say is no failure.
    func stream<Request: ProtobufEncodable>(
        _ method: String,
        _ request: Request,
        deadline: Deadline,
        begin: () throws(CallFailure) -> Void = { () throws(CallFailure) in },
        _ take: (borrowing GRPCReply) throws(CallFailure) -> Bool
    ) throws(EtcdError) {
        let encoded = request.encoded()
        try authenticated(for: method, deadline: deadline) { token throws(EtcdError) in
            let metadata = CallMetadata(requiresLeader: configuration.requiresLeader, token: token)
            try retrying(.read, deadline: deadline) { target, limit -> Outcome<Void> in
                let stream = grpc.openStream(target: target, method: method, metadata: metadata)
                _ = stream.send(encoded, isLast: true)
                var limit = limit
                do throws(CallFailure) {
                    try begin()
                    while true {
                        switch stream.blockingNext(deadline: limit) {
                        case .idle:
                            return .failure(.noAnswer)
                        case .sent:
                            continue
                        case .message(let reply):
                            if try take(reply) { return .success(()) }
                            limit = min(deadline, .after(configuration.requestTimeout))
                        case .end(let reply):
                            return reply.status == GRPCStatus.ok.rawValue ? .success(()) : .failure(CallFailure(reply))
                        }
                    }
                } catch {
                    return .failure(error)
                }
            }
        }
    }
}
