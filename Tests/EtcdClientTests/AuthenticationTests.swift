import EtcdLab
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import EtcdClient

extension EtcdConfiguration {
    /// A hasty configuration with a user and no cache of tokens.
    static func user(_ name: String, _ password: String, at endpoint: String) throws -> EtcdConfiguration {
        var configuration = try hasty(endpoint)
        configuration.user = UserCredentials(name: name, password: Secret(password))
        return configuration
    }
}

/// Clients of an etcd with authentication: who they are, what they may do, and tokens that do not last.
@Suite(.timeLimit(.minutes(15))) struct AuthenticationTests {
    private static let password = "open sesame"
    /// The user of most tests, who may read and write below `w/`.
    private static let user = EtcdUser("whereabouts", password: password, access: .readWrite(prefix: "w/"))

    /// A client as a user, with the password of all users here.
    private func client(_ server: EtcdServer, as name: String = user.name) throws -> EtcdClient {
        try EtcdClient(.user(name, Self.password, at: server.endpoint))
    }

    private func authenticateCount(_ server: EtcdServer) throws -> Int {
        try server.startedCalls("Authenticate", of: "Auth")
    }

    // MARK: - Users and permissions

    @Test func onlyRootMayLookAfterTheCluster() throws {
        let etcd = try EtcdServer()
        try etcd.enableAuthentication(EtcdUser("writer", password: "hunter2", access: .readWrite(prefix: "w/")))
        let client = try EtcdClient(EtcdConfiguration.user("writer", "hunter2", at: etcd.endpoint))
        let scratch = try ScratchDirectory("snapshot")
        let calls: [() throws -> Void] = [
            { () throws in try client.maintenance.defragment(deadline: .far) },
            { () throws in _ = try client.maintenance.hashKV(deadline: .far) },
            { () throws in
                _ = try client.maintenance.snapshot(toFile: FilePath(scratch.path("snapshot")), deadline: .far)
            },
            { () throws in _ = try client.auth.users(deadline: .far) },
            { () throws in _ = try client.cluster.removeMember(1, deadline: .far) },
        ]
        for call in calls {
            let error = try #require(throws: EtcdError.self) { try call() }
            #expect(error.code == .missingPermission, "\(error)")
            #expect(error.advice == "Run: etcdctl user grant-role writer root, or call as the user root.")
        }
    }

    @Test func userReadsAndWritesWithOneToken() throws {
        let server = try EtcdServer()
        try server.enableAuthentication(Self.user)
        let before = try authenticateCount(server)
        let client = try client(server)
        for number in 0..<5 {
            try client.put("w/key", "\(number)")
            #expect(try client.text("w/key") == "\(number)")
        }
        let result = try client.commit(Txn(then: [.put(PutRequest("w/txn", "a"))]), deadline: .far)
        #expect(result.succeeded)
        #expect(try authenticateCount(server) == before + 1)

        let anonymous = try #require(throws: EtcdError.self) { try server.client().get("w/key", deadline: .far) }
        #expect(anonymous.code == .server(.userEmpty))
        #expect(anonymous.description.contains("demands authentication"))
    }

    @Test func wrongPasswordAndUnknownUserAreRefused() throws {
        let server = try EtcdServer()
        try server.enableAuthentication(Self.user)
        for (name, password) in [("whereabouts", "hunter2"), ("nobody", "hunter2"), ("whereabouts", "")] {
            let client = try EtcdClient(.user(name, password, at: server.endpoint))
            let before = try authenticateCount(server)
            let read = try #require(throws: EtcdError.self) { try client.get("w/key", deadline: .far) }
            let write = try #require(throws: EtcdError.self) { try client.put("w/key", "a") }
            for error in [read, write] {
                #expect(error.code == .server(.authenticationFailed))
                #expect(error.attempts.map(\.endpoint) == [server.endpoint])
                #expect(error.advice?.contains("name and password") == true)
            }
            // It does not get better by trying.
            #expect(try authenticateCount(server) == before + 2)
            for stream in Self.streams {
                let error = try #require(throws: EtcdError.self) { try stream(client.configuration) }
                #expect(error.code == .server(.authenticationFailed))
            }
        }
        #expect(try client(server).get("w/key", deadline: .far) == nil)
    }

    /// A wait of each kind of stream.
    private static let streams: [@Sendable (EtcdConfiguration) throws -> Void] = [
        { configuration in
            let watcher = try Watcher(configuration)
            watcher.add(WatchRequest(.single("w/key")))
            _ = try watcher.next(deadline: .far)
        },
        { configuration in
            let keepAlive = try LeaseKeepAlive(configuration)
            keepAlive.add(1)
            _ = try keepAlive.next(deadline: .far)
        },
    ]

    @Test func lackOfRoleAndLackOfPermissionAreToldApart() throws {
        let server = try EtcdServer()
        try server.enableAuthentication(
            Self.user,
            EtcdUser("roleless", password: Self.password, access: .none),
            EtcdUser("elsewhere", password: Self.password, access: .readWrite(prefix: "e/")),
            EtcdUser("reader", password: Self.password, access: .read(prefix: "w/"))
        )
        let write = PutRequest("w/key", "a")
        let roleless = try #require(throws: EtcdError.self) {
            try client(server, as: "roleless").get("w/key", deadline: .far)
        }
        #expect(roleless.code == .missingRole)
        #expect(roleless.message == "etcd denied its permission: the user roleless has no role")
        #expect(roleless.advice?.contains("etcdctl user grant-role roleless ROLE") == true)

        let elsewhere = try #require(throws: EtcdError.self) {
            try client(server, as: "elsewhere").get("w/key", deadline: .far)
        }
        #expect(elsewhere.code == .missingPermission)
        #expect(elsewhere.message == "etcd denied its permission: no role of the user elsewhere suffices (elsewhere)")
        #expect(elsewhere.advice?.contains("etcdctl role grant-permission elsewhere --prefix=true readwrite") == true)
        try client(server, as: "elsewhere").put("e/key", "a")

        let reader = try client(server, as: "reader")
        #expect(try reader.get("w/key", deadline: .far) == nil)
        for body in [
            { try reader.put(write, deadline: .far) },
            { try reader.commit(Txn(then: [.put(write)]), deadline: .far) },
            { try reader.deleteRange(DeleteRangeRequest(.single("w/key")), deadline: .far) },
        ] as [() throws -> Any] {
            let error = try #require(throws: EtcdError.self) { _ = try body() }
            #expect(error.code == .missingPermission)
            #expect(error.message == "etcd denied its permission: no role of the user reader suffices (reader)")
            #expect(error.advice != nil)
        }
        // What the user may not read it may not watch, either.
        let watcher = try Watcher(.user("reader", Self.password, at: server.endpoint))
        let id = watcher.add(WatchRequest(.prefix("e/")))
        guard case .refused(let refusal) = try watcher.cancellation(of: id) else {
            Issue.record("the watch ended for another reason")
            return
        }
        #expect(refusal.code == .server(.permissionDenied))
        #expect(try client(server).get("w/key", deadline: .far) == nil)
    }

    @Test func permissionThatIsGrantedLaterIsUsed() throws {
        let server = try EtcdServer()
        try server.enableAuthentication(EtcdUser("late", password: Self.password, access: .none))
        let client = try client(server, as: "late")
        let error = try #require(throws: EtcdError.self) { try client.put("w/key", "a") }
        #expect(error.code == .missingRole)
        try server.etcdctl("role", "add", "late")
        try server.etcdctl("role", "grant-permission", "--prefix", "late", "readwrite", "w/")
        try server.etcdctl("user", "grant-role", "late", "late")
        try client.put("w/key", "a")
        #expect(try client.text("w/key") == "a")
    }

    // MARK: - Authentication that comes and goes

    @Test func authenticationMayBeTurnedOnAndOffMeanwhile() throws {
        let server = try EtcdServer()
        let client = try client(server)
        for number in 0..<3 {
            try client.put("w/key", "\(number)")
        }
        // What the cluster said once is kept.
        #expect(try authenticateCount(server) == 1)
        try server.enableAuthentication(Self.user)
        try client.put("w/key", "with a token")
        #expect(try client.text("w/key") == "with a token")
        try server.etcdctl("auth", "disable")
        try client.put("w/key", "without need of it")
        try server.etcdctl("auth", "enable")
        try client.put("w/key", "with another one")
        #expect(try #require(try client.get("w/key", deadline: .far)).version == 6)
    }

    @Test func tokenLostInARestartIsRenewedUnnoticed() throws {
        let server = try EtcdServer()
        try server.enableAuthentication(Self.user)
        let clients = try (0..<4).map { _ in try client(server) }
        for client in clients {
            #expect(try client.get("w/none", deadline: .far) == nil)
        }
        let configuration = try EtcdConfiguration.user(Self.user.name, Self.password, at: server.endpoint)
        let watcher = try Watcher(configuration)
        let id = watcher.add(WatchRequest(.prefix("w/")))
        try watcher.created(id)
        let lease = try clients[0].lease.grant(timeToLive: 60, deadline: .far).id
        let keepAlive = try LeaseKeepAlive(configuration)
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 60))

        server.stop()
        try server.start()
        // A restart may bring tokens back from the log; a change of the password forgets them for certain.
        let root = try EtcdClient(.user("root", try #require(EtcdUser.root.password), at: server.endpoint))
        try root.auth.changePassword(ofUser: Self.user.name, to: Secret(Self.password), deadline: .far)
        let before = try authenticateCount(server)
        #expect(try clients[0].get("w/none", deadline: .far) == nil)
        try clients[1].put("w/put", "a")
        let txn = Txn(then: [.put(PutRequest("w/txn", "a"))])
        #expect(try clients[2].commit(txn, deadline: .far).succeeded)
        let pages = try clients[3].range(RangeRequest(.prefix("w/")), deadline: .far).keyValues
        #expect(pages.map(\.key) == ["w/put", "w/txn"])
        // Each was written once.
        #expect(pages.map(\.version) == [1, 1])
        #expect(try authenticateCount(server) == before + 4)

        let events = try watcher.events(2, of: id)
        #expect(events.map(\.keyValue.key) == ["w/put", "w/txn"])
        keepAlive.add(lease)
        #expect(try keepAlive.next(deadline: .far)?.content == .renewed(timeToLive: 60))
        #expect(watcher.interruption == nil && keepAlive.interruption == nil)
    }

    @Test func expiredTokenIsRenewedUnnoticed() throws {
        // A token expires a second after its last use; etcd looks once a second.
        let server = try EtcdServer(arguments: ["--auth-token-ttl", "1"])
        try server.enableAuthentication(Self.user)
        let clients = try (0..<3).map { _ in try client(server) }
        for client in clients {
            #expect(try client.get("w/put", deadline: .far) == nil)
        }
        let watcher = try Watcher(.user(Self.user.name, Self.password, at: server.endpoint))
        let first = watcher.add(WatchRequest(.single("w/put")))
        try watcher.created(first)
        let before = try authenticateCount(server)
        Thread.sleep(forTimeInterval: 4)
        #expect(try clients[0].get("w/put", deadline: .far) == nil)
        try clients[1].put("w/put", "a")
        #expect(try clients[2].commit(Txn(then: [.put(PutRequest("w/txn", "a"))]), deadline: .far).succeeded)
        #expect(try authenticateCount(server) == before + 3)
        #expect(try clients[0].get("w/put", deadline: .far)?.version == 1)
        #expect(try clients[0].get("w/txn", deadline: .far)?.version == 1)
        // A watch that stands goes on without, and one that is added needs a new token.
        #expect(try watcher.events(1, of: first).map(\.text) == ["a"])
        let second = watcher.add(WatchRequest(.single("w/txn"), startRevision: 1))
        #expect(try watcher.created(second) == 1)
        #expect(try watcher.events(1, of: second).map(\.text) == ["a"])
    }

    @Test func passwordThatIsChangedIsNoticed() throws {
        let server = try EtcdServer()
        try server.enableAuthentication(Self.user)
        let client = try client(server)
        try client.put("w/key", "a")
        try server.etcdctl("user", "passwd", Self.user.name, "--interactive=false", input: "changed\n")
        // etcd takes the tokens of the old one away.
        let error = try #require(throws: EtcdError.self) { try client.put("w/key", "b") }
        #expect(error.code == .server(.authenticationFailed))
        try EtcdClient(.user(Self.user.name, "changed", at: server.endpoint)).put("w/key", "c")
    }

    @Test func tokenOfAnOldRevisionIsRenewedUnnoticed() throws {
        // A signed token holds the revision of users and roles, and is good after a restart.
        let directory = try ScratchDirectory("jwt")
        let publicKey = directory.path("public.pem")
        let privateKey = TLSFixture.path("server-rsa.key")
        try RunningProcess.run("openssl", "pkey", "-in", privateKey, "-pubout", "-out", publicKey)
        let method = "jwt,pub-key=\(publicKey),priv-key=\(privateKey),sign-method=RS256,ttl=10m"
        let server = try EtcdServer(arguments: ["--auth-token", method])
        try server.enableAuthentication(Self.user)
        let clients = try (0..<3).map { _ in try client(server) }
        let watcher = try Watcher(.user(Self.user.name, Self.password, at: server.endpoint))
        let first = watcher.add(WatchRequest(.prefix("w/")))
        try watcher.created(first)
        for client in clients {
            #expect(try client.get("w/none", deadline: .far) == nil)
        }
        server.stop()
        try server.start()
        for client in clients {
            #expect(try client.get("w/none", deadline: .far) == nil)
        }
        let after = try authenticateCount(server)
        #expect(after == 0)

        try server.etcdctl("role", "add", "another")
        let before = try authenticateCount(server)
        #expect(try clients[0].get("w/none", deadline: .far) == nil)
        try clients[1].put("w/put", "a")
        #expect(try clients[2].commit(Txn(then: [.put(PutRequest("w/txn", "a"))]), deadline: .far).succeeded)
        #expect(try authenticateCount(server) == before + 3)
        #expect(try clients[0].get("w/put", deadline: .far)?.version == 1)
        #expect(try watcher.events(2, of: first).map(\.keyValue.key) == ["w/put", "w/txn"])
        let second = watcher.add(WatchRequest(.single("w/txn"), startRevision: 1))
        #expect(try watcher.created(second) == 1)
    }

    // MARK: - Users by certificate

    private func secureServer(_ user: EtcdUser) throws -> EtcdServer {
        let server = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        try server.enableAuthentication(user)
        return server
    }

    @Test func commonNameOfTheCertificateIsTheUser() throws {
        let server = try secureServer(EtcdUser("whereabouts", password: nil, access: .readWrite(prefix: "w/")))
        let before = try authenticateCount(server)
        for identity in [TLSFixture.clientECDSA, .clientRSA] {
            let client = try EtcdClient(.secure(server.endpoint, tls: .fixture(identity)))
            try client.put("w/key", "a")
            #expect(try client.text("w/key") == "a")
            let denied = try #require(throws: EtcdError.self) { try client.put("e/key", "a") }
            #expect(denied.code == .missingPermission)
        }
        let watcher = try Watcher(.secure(server.endpoint, tls: .fixture(.clientECDSA)))
        let id = watcher.add(WatchRequest(.prefix("w/"), startRevision: 1))
        try watcher.created(id)
        #expect(try watcher.events(2, of: id).map(\.text) == ["a", "a"])
        #expect(try authenticateCount(server) == before)
    }

    @Test func certificateOfNoUserIsToldWhoseItIs() throws {
        let server = try secureServer(Self.user)
        let client = try EtcdClient(.secure(server.endpoint, tls: .fixture(.clientNobody)))
        for error in [
            try #require(throws: EtcdError.self) { try client.get("w/key", deadline: .far) },
            try #require(throws: EtcdError.self) { try client.put("w/key", "a") },
        ] {
            #expect(error.code == .missingPermission)
            #expect(error.description.contains("client certificate's common name"))
        }
    }

    @Test func passwordGoesBeforeTheCertificate() throws {
        let server = try secureServer(Self.user)
        var configuration = try EtcdConfiguration.secure(server.endpoint, tls: .fixture(.clientNobody))
        configuration.user = UserCredentials(name: Self.user.name, password: Secret(Self.password))
        let client = try EtcdClient(configuration)
        try client.put("w/key", "a")
        server.stop()
        try server.start()
        // A write on a connection that is gone has an unknown outcome; a read is repeated.
        #expect(try client.text("w/key") == "a")
        try client.put("w/key", "b")
        #expect(try #require(try client.get("w/key", deadline: .far)).version == 2)
    }

    @Test func userIsAskedForOnceAuthenticationIsOnWhoeverTheCertificateNames() throws {
        // Without a token the certificate would name a user that etcd does not know.
        let server = try EtcdServer(security: .tls(server: .serverECDSA, clientAuthentication: true))
        var configuration = try EtcdConfiguration.secure(server.endpoint, tls: .fixture(.clientNobody))
        configuration.user = UserCredentials(name: Self.user.name, password: Secret(Self.password))
        let client = try EtcdClient(configuration)
        try client.put("w/key", "a")
        try server.enableAuthentication(Self.user)
        try client.put("w/key", "b")
        #expect(try client.text("w/key") == "b")
    }

    // MARK: - Secrets

    @Test func noErrorAndNoDescriptionShowsThePassword() throws {
        let server = try EtcdServer()
        try server.enableAuthentication(Self.user, EtcdUser("roleless", password: "hunter2", access: .none))
        let port = try RefusingPort()
        var errors: [EtcdError] = []
        for (name, endpoint) in [
            ("whereabouts", server.endpoint), ("nobody", server.endpoint), ("roleless", server.endpoint),
            ("roleless", port.endpoint),
        ] {
            let client = try EtcdClient(.user(name, "hunter2", at: endpoint))
            errors.append(try #require(throws: EtcdError.self) { try client.get("w/key", deadline: .far) })
        }
        #expect(
            errors.map(\.code) == [
                .server(.authenticationFailed), .server(.authenticationFailed), .missingRole, .unreachable,
            ]
        )
        let configuration = try EtcdConfiguration.user("whereabouts", "hunter2", at: server.endpoint)
        for value in errors as [Any] + [configuration, configuration.user as Any] {
            var texts = [String(describing: value), String(reflecting: value), ""]
            dump(value, to: &texts[2])
            #expect(texts.allSatisfy { !$0.contains("hunter2") }, "\(texts)")
        }
    }
}
