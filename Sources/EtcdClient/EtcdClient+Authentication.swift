extension EtcdClient {
    /// How long one process waits for another one that asks for the same token.
    private static let patience = Duration.seconds(1)

    /// Runs a call with the user's token, and again with a new one when it was refused.
    ///
    /// A cluster without authentication is called without a token, which is no error.
    func authenticated<Response>(
        for method: String,
        deadline: Deadline,
        _ call: (Secret?) throws(EtcdError) -> Response
    ) throws(EtcdError) -> Response {
        // A token may be refused by a member that has not heard of it yet, or that was just restarted.
        var renewals = 2
        while true {
            let token = try token(deadline: deadline)
            do throws(EtcdError) {
                let response = try call(token)
                if case .cached(let proved) = authentication { authentication = .token(proved) }
                return response
            } catch {
                if case .cached = authentication, error.code == .timedOut || error.code == .outcomeUnknown {
                    drop(token)
                    guard error.code == .timedOut, !deadline.hasPassed else { throw error }
                    continue
                }
                guard case .server(let refusal) = error.code else { throw error }
                // Where authentication was enabled since, a client without a token is who its certificate says.
                let isTokenMissing = configuration.user != nil && token == nil
                if refusal == .permissionDenied, !isTokenMissing || renewals == 0 {
                    throw explained(error, method, token: token, deadline: deadline)
                }
                guard refusal == .permissionDenied || refusal.demandsNewToken(of: configuration.user), renewals > 0
                else { throw error }
                renewals -= 1
                drop(token)
            }
        }
    }

    /// What goes along with the request of a stream.
    func callMetadata(deadline: Deadline) throws(EtcdError) -> CallMetadata {
        guard let user = configuration.user else { return CallMetadata(requiresLeader: configuration.requiresLeader) }
        return try authenticated(for: Self.userGet, deadline: deadline) { token throws(EtcdError) in
            // A stream may be silent for other reasons than its token, so that one is proved before.
            if case .cached = authentication { _ = try self.user(user.name, token, deadline: deadline) }
            return CallMetadata(requiresLeader: configuration.requiresLeader, token: token)
        }
    }

    /// Forgets the token that was refused; false when there is none, so that another try would be refused too.
    func dropToken() -> Bool {
        guard configuration.user != nil else { return false }
        drop(authentication.token)
        return true
    }

    /// The token to send: nil without a user, and where the cluster wants none.
    private func token(deadline: Deadline) throws(EtcdError) -> Secret? {
        guard let user = configuration.user else { return nil }
        switch authentication {
        case .token(let token), .cached(let token): return token
        case .notEnabled: return nil
        case .unknown: break
        }
        guard let cache = configuration.tokenCache else {
            authentication = try authenticate(user, deadline: deadline)
            return authentication.token
        }
        let key = TokenCache.Key(endpoints: configuration.endpoints, user: user)
        if let token = cache.token(key) {
            authentication = .cached(token)
            return token
        }
        authentication = try cache.exclusively(key, patience: min(deadline, .after(Self.patience))) {
            () throws(EtcdError) in
            if let token = cache.token(key) { return .cached(token) }
            let result = try authenticate(user, deadline: deadline)
            if let token = result.token {
                cache.store(token, key)
            }
            return result
        }
        return authentication.token
    }

    /// Asks the cluster for a token (etcd API, Auth.Authenticate).
    private func authenticate(_ user: UserCredentials, deadline: Deadline) throws(EtcdError) -> Authentication {
        do throws(EtcdError) {
            let request = AuthenticateRequest(name: user.name, password: user.password)
            let response: AuthenticateResponse = try send(
                "/etcdserverpb.Auth/Authenticate",
                request.encoded(),
                effect: .read,
                metadata: CallMetadata(requiresLeader: configuration.requiresLeader),
                deadline: deadline
            )
            return .token(response.token)
        } catch {
            guard error.code == .server(.authenticationNotEnabled) else { throw error }
            return .notEnabled
        }
    }

    /// Tells why etcd denied its permission: it says the same of a user without roles and of one whose roles do not suffice.
    ///
    /// A user may look at itself whatever its roles.
    private func explained(
        _ error: EtcdError,
        _ method: String,
        token: Secret?,
        deadline: Deadline
    ) -> EtcdError {
        func denied(_ code: EtcdError.Code, _ message: String, _ advice: String) -> EtcdError {
            EtcdError(code, message, attempts: error.attempts, elapsed: error.elapsed, advice: advice)
        }
        guard Self.servicesOfKeys.contains(where: method.hasPrefix) else {
            return denied(
                .missingPermission,
                "etcd denied its permission: only users with the role root may do that",
                "Run: etcdctl user grant-role \(configuration.user?.name ?? "USER") root, or call as the user root."
            )
        }
        guard let user = configuration.user, token != nil,
            let found = try? self.user(user.name, token, deadline: deadline)
        else {
            return denied(
                .missingPermission,
                "etcd denied its permission",
                "Grant the user, who is the client certificate's common name where no other is configured, a role with "
                    + "read and write permission for the keys."
            )
        }
        guard !found.names.isEmpty else {
            return denied(
                .missingRole,
                "etcd denied its permission: the user \(user.name) has no role",
                "Run: etcdctl user grant-role \(user.name) ROLE, with a role that has read and write permission for the keys."
            )
        }
        return denied(
            .missingPermission,
            "etcd denied its permission: no role of the user \(user.name) suffices (\(found.names.joined(separator: ", ")))",
            "Run: etcdctl role grant-permission \(found.names[0]) --prefix=true readwrite PREFIX, with the prefix of the keys."
        )
    }

    private static let userGet = "/etcdserverpb.Auth/UserGet"
    /// Where roles are about keys.
    private static let servicesOfKeys = ["/etcdserverpb.KV/", "/etcdserverpb.Watch/", "/etcdserverpb.Lease/"]

    /// The roles of a user, as the user of a token, who may look at itself whatever its roles.
    private func user(_ name: String, _ token: Secret?, deadline: Deadline) throws(EtcdError) -> AuthNamesResponse {
        try send(
            Self.userGet,
            AuthNameRequest(name: name).encoded(),
            effect: .read,
            metadata: CallMetadata(requiresLeader: configuration.requiresLeader, token: token),
            deadline: deadline
        )
    }

    /// Forgets what is known of the token, and what the cache holds if that was refused.
    private func drop(_ token: Secret?) {
        authentication = .unknown
        if let token, let user = configuration.user, let cache = configuration.tokenCache {
            cache.drop(token, TokenCache.Key(endpoints: configuration.endpoints, user: user))
        }
    }
}

extension Authentication {
    fileprivate var token: Secret? {
        switch self {
        case .token(let token), .cached(let token): token
        case .unknown, .notEnabled: nil
        }
    }
}

extension EtcdServerError {
    /// Whether the same request may be granted with a new token.
    fileprivate func demandsNewToken(of user: UserCredentials?) -> Bool {
        switch self {
        // Where a certificate names the user, there is none to renew, and a repetition is enough.
        case .authRevisionOld: true
        case .invalidAuthToken, .userEmpty: user != nil
        default: false
        }
    }
}
