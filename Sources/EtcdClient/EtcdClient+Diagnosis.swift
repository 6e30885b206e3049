extension EtcdClient {
    /// How long one endpoint may be probed.
    private static let probeTimeout = Duration.seconds(1)

    /// Checks that the TLS files hold what connections can be made with; nothing is connected.
    ///
    /// The first call finds the same out when its connection fails.
    ///
    /// - Throws: `.invalidConfiguration` with the file that can't be decoded, or the key that is not the certificate's.
    public func checkTLSFiles() throws(EtcdError) {
        guard let tls, let obstacle = TLSProbe.check(tls) else { return }
        throw error(of: obstacle)
    }

    /// What the dates of the client's certificate say against it, for people; nil when they are all right, or there is none.
    public var clientCertificateDates: String? {
        tls.flatMap(TLSProbe.faultyDates)
    }

    /// The error that a call ends with, after finding out what gRPC did not tell of connections that failed.
    ///
    /// Only when they have failed, because one that succeeds should not pay for it.
    func diagnosed(_ failure: CallFailure, _ attempts: inout CallAttempts, deadline: Deadline) -> EtcdError {
        if let tls, attempts.failures.contains(where: { $0.failure.connectFailure == .unusableFiles }),
            let obstacle = TLSProbe.check(tls)
        {
            return error(of: obstacle)
        }
        let explanations = explain(&attempts, deadline: deadline)
        // One endpoint with another failure, such as a refused connection, may be the one that counts.
        guard let first = explanations.first, explanations.count == attempts.failures.count else {
            return attempts.error(failure.code, failure.message, advice: failure.advice ?? explanations.first?.advice)
        }
        return attempts.error(first.code, first.message, advice: first.advice)
    }

    /// The error when every endpoint has failed, each for a reason that waiting does not mend; nil when trying again may help.
    func finalError(_ attempts: inout CallAttempts, deadline: Deadline) -> EtcdError? {
        let explanations = explain(&attempts, deadline: deadline)
        guard let first = explanations.first, attempts.failures.count == configuration.endpoints.count,
            explanations.count == attempts.failures.count, explanations.allSatisfy(\.isFinal)
        else { return nil }
        return attempts.error(first.code, first.message, advice: first.advice)
    }

    /// Probes the endpoints where client and server did not come together, and puts what was found into the attempts.
    private func explain(_ attempts: inout CallAttempts, deadline: Deadline) -> [TLSExplanation] {
        var explanations: [TLSExplanation] = []
        for (endpoint, failure) in attempts.failures where failure.connectFailure == .disagreement {
            let limit = min(deadline, .after(Self.probeTimeout))
            guard let explanation = explanation(of: failure, deadline: limit) else { continue }
            attempts.explain(endpoint: endpoint, explanation.cause)
            explanations.append(explanation)
        }
        return explanations
    }

    private func explanation(of failure: CallAttempts.Failure, deadline: Deadline) -> TLSExplanation? {
        if failure.cause.contains("wrong curve") { return .curve(failure.cause) }
        let target = targets[failure.target]
        guard let address = Target.address(in: target.name) ?? Target.address(in: failure.cause) else { return nil }
        let port = configuration.endpoints[target.endpoint].port
        let obstacle = TLSProbe.probe(
            tls,
            address: address,
            port: port,
            serverName: target.serverName,
            deadline: deadline
        )
        guard tls != nil else {
            // A server that gets as far as showing a certificate speaks TLS.
            guard obstacle == nil || obstacle?.kind == .untrusted || obstacle?.kind == .refused else { return nil }
            return TLSExplanation(
                code: .handshakeFailed,
                message: "etcd speaks TLS, and was spoken to in clear text",
                cause: "the server speaks TLS",
                advice: "Write the endpoint with https://, and name the file with the CA's certificate."
            )
        }
        return obstacle.flatMap { TLSExplanation($0, host: target.serverName, files: configuration.tls) }
    }

    private func error(of obstacle: TLSObstacle) -> EtcdError {
        let files = configuration.tls
        let certificate = files.certificateFile ?? ""
        let key = files.keyFile ?? ""
        // A process with a reduced OpenSSL has no words for its reasons.
        let reason = obstacle.details.isEmpty ? "" : ": \(obstacle.details)"
        return switch obstacle.kind {
        case .certificate:
            EtcdError(
                .invalidConfiguration(.certificateFile),
                "\(certificate) holds a certificate that can't be decoded\(reason)",
                advice: "Write the file anew, as PEM."
            )
        case .key:
            EtcdError(
                .invalidConfiguration(.keyFile),
                "\(key) holds a private key that can't be decoded\(reason)",
                advice: "Write the key as PEM: PKCS#8, PKCS#1 or SEC1, RSA or ECDSA."
            )
        case .mismatch:
            EtcdError(
                .invalidConfiguration(.keyFile),
                "\(key) is not the key of the certificate \(certificate)",
                advice: "Take certificate and key from the same request; a rotation may have replaced only one of them."
            )
        default:
            EtcdError(
                .invalidConfiguration(.caFile),
                "\(files.caFile ?? "the host's trust store") holds no certificate that can be decoded\(reason)",
                advice: "Write the CA's certificate as PEM."
            )
        }
    }
}
