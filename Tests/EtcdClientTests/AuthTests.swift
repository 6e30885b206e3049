import EtcdLab
import TestSupport
import Testing

@testable import EtcdClient

@Suite(.sharedEtcd, .timeLimit(.minutes(15))) struct AuthTests {
    private let client: EtcdClient

    init() throws {
        client = try SharedEtcd.client()
    }

    private func expect(_ expected: EtcdServerError, _ call: () throws(EtcdError) -> Void) throws {
        let error = try #require(throws: EtcdError.self) { try call() }
        #expect(error.code == .server(expected))
    }

    @Test func userIsAddedListedAndDeleted() throws {
        for (name, password) in [("user-a", Secret("secret")), ("user-b", nil), ("user-c", Secret(""))] {
            try client.auth.addUser(name, password: password, deadline: .far)
            try expect(.userExists) { () throws(EtcdError) in
                try client.auth.addUser(name, password: password, deadline: .far)
            }
            #expect(try client.auth.users(deadline: .far).contains(name))
            #expect(try client.auth.roles(ofUser: name, deadline: .far) == [])
            try client.auth.deleteUser(name, deadline: .far)
            #expect(try !client.auth.users(deadline: .far).contains(name))
            try expect(.userNotFound) { () throws(EtcdError) in try client.auth.deleteUser(name, deadline: .far) }
            try expect(.userNotFound) { () throws(EtcdError) in _ = try client.auth.roles(ofUser: name, deadline: .far)
            }
        }
    }

    @Test func userNeedsAName() throws {
        try expect(.userEmpty) { () throws(EtcdError) in
            try client.auth.addUser("", password: Secret("secret"), deadline: .far)
        }
    }

    @Test func passwordOfNoUserIsNotChanged() throws {
        try expect(.userNotFound) { () throws(EtcdError) in
            try client.auth.changePassword(ofUser: "nobody", to: Secret("secret"), deadline: .far)
        }
    }

    @Test func roleIsAddedListedAndDeleted() throws {
        try client.auth.addRole("role", deadline: .far)
        try expect(.roleExists) { () throws(EtcdError) in try client.auth.addRole("role", deadline: .far) }
        #expect(try client.auth.roles(deadline: .far).contains("role"))
        #expect(try client.auth.permissions(ofRole: "role", deadline: .far) == [])
        try client.auth.deleteRole("role", deadline: .far)
        #expect(try !client.auth.roles(deadline: .far).contains("role"))
        try expect(.roleNotFound) { () throws(EtcdError) in try client.auth.deleteRole("role", deadline: .far) }
        try expect(.roleNotFound) { () throws(EtcdError) in
            _ = try client.auth.permissions(ofRole: "role", deadline: .far)
        }
    }

    @Test func roleIsGrantedAndRevoked() throws {
        try client.auth.addUser("granted", password: nil, deadline: .far)
        for role in ["granted-a", "granted-b"] {
            try client.auth.addRole(role, deadline: .far)
            for _ in 0..<2 { try client.auth.grantRole(role, toUser: "granted", deadline: .far) }
        }
        #expect(try client.auth.roles(ofUser: "granted", deadline: .far) == ["granted-a", "granted-b"])
        try client.auth.revokeRole("granted-a", fromUser: "granted", deadline: .far)
        #expect(try client.auth.roles(ofUser: "granted", deadline: .far) == ["granted-b"])
        try client.auth.deleteRole("granted-b", deadline: .far)
        #expect(try client.auth.roles(ofUser: "granted", deadline: .far) == [])

        try expect(.roleNotGranted) { () throws(EtcdError) in
            try client.auth.revokeRole("granted-a", fromUser: "granted", deadline: .far)
        }
        try expect(.userNotFound) { () throws(EtcdError) in
            try client.auth.revokeRole("granted-a", fromUser: "nobody", deadline: .far)
        }
        try expect(.roleNotFound) { () throws(EtcdError) in
            try client.auth.grantRole("no-role", toUser: "granted", deadline: .far)
        }
        try expect(.userNotFound) { () throws(EtcdError) in
            try client.auth.grantRole("granted-a", toUser: "nobody", deadline: .far)
        }
    }

    @Test func permissionIsGrantedReplacedAndRevoked() throws {
        try client.auth.addRole("permitted", deadline: .far)
        let permissions = [
            Permission(.read, of: .single("a")), Permission(.write, of: .prefix("b/")),
            Permission(.readWrite, of: .from(Key([0x63, 0, 0xff]))),
        ]
        for permission in permissions.reversed() {
            try client.auth.grantPermission(permission, toRole: "permitted", deadline: .far)
        }
        #expect(try client.auth.permissions(ofRole: "permitted", deadline: .far) == permissions)
        try client.auth.grantPermission(Permission(.write, of: .single("a")), toRole: "permitted", deadline: .far)
        let replaced = try client.auth.permissions(ofRole: "permitted", deadline: .far)
        #expect(replaced == [Permission(.write, of: .single("a"))] + permissions.dropFirst())
        try client.auth.revokePermission(of: .prefix("b/"), fromRole: "permitted", deadline: .far)
        let rest = try client.auth.permissions(ofRole: "permitted", deadline: .far)
        #expect(rest.map(\.range) == [permissions[0].range, permissions[2].range])

        try expect(.permissionNotGranted) { () throws(EtcdError) in
            try client.auth.revokePermission(of: .single("b/"), fromRole: "permitted", deadline: .far)
        }
        try expect(.roleNotFound) { () throws(EtcdError) in
            try client.auth.revokePermission(of: .single("a"), fromRole: "no-role", deadline: .far)
        }
        try expect(.roleNotFound) { () throws(EtcdError) in
            try client.auth.grantPermission(permissions[0], toRole: "no-role", deadline: .far)
        }
    }

    @Test(arguments: ["ä", "a\0b", "a/b c\n", String(repeating: "x", count: 5000)])
    func anyTextIsAName(name: String) throws {
        try client.auth.addUser(name, password: nil, deadline: .far)
        try client.auth.addRole(name, deadline: .far)
        try client.auth.grantRole(name, toUser: name, deadline: .far)
        #expect(try client.auth.users(deadline: .far).contains(name))
        #expect(try client.auth.roles(deadline: .far).contains(name))
        #expect(try client.auth.roles(ofUser: name, deadline: .far) == [name])
    }

    @Test func authenticationThatIsNotEnabledIsDisabledAndGivesNoToken() throws {
        try client.auth.disable(deadline: .far)
        let request = AuthenticateRequest(name: "root", password: Secret("secret"))
        try expect(.authenticationNotEnabled) { () throws(EtcdError) in _ = try client.authenticate(request) }
    }

    @Test func statusIsKnownSinceEtcd35() throws {
        guard EtcdServer.version.hasPrefix("3.4.") else {
            #expect(try !client.auth.status(deadline: .far).isEnabled)
            return
        }
        let error = try #require(throws: EtcdError.self) { try client.auth.status(deadline: .far) }
        #expect(error.code == .rpc(status: 12))
    }

    @Test func authenticationIsEnabledOnceThereIsARootAndGivesTokensForPasswords() throws {
        let server = try EtcdServer()
        let client = try server.client()
        try expect(.rootUserNotExist) { () throws(EtcdError) in try client.auth.enable(deadline: .far) }
        try client.auth.addUser("root", password: Secret("first"), deadline: .far)
        try expect(.rootRoleNotExist) { () throws(EtcdError) in try client.auth.enable(deadline: .far) }
        try client.auth.addRole("root", deadline: .far)
        try client.auth.grantRole("root", toUser: "root", deadline: .far)
        try client.auth.changePassword(ofUser: "root", to: Secret("sec\0ond"), deadline: .far)
        try client.auth.addUser("passwordless", password: nil, deadline: .far)
        try client.auth.enable(deadline: .far)

        let token = try client.authenticate(AuthenticateRequest(name: "root", password: Secret("sec\0ond"))).token
            .revealed
        #expect(!token.isEmpty)
        for (name, password) in [
            ("root", "first"), ("root", "sec"), ("root", ""), ("nobody", "first"), ("passwordless", ""),
        ] {
            let error = try #require(throws: EtcdError.self) {
                try client.authenticate(AuthenticateRequest(name: name, password: Secret(password)))
            }
            // etcd 3.5 has a text of its own for a user without a password.
            #expect(error.code == .server(.authenticationFailed) || name == "passwordless", "\(name): \(error)")
        }
        // From here on it takes a token.
        try expect(.userEmpty) { () throws(EtcdError) in _ = try client.get("a", deadline: .far) }
        try expect(.userEmpty) { () throws(EtcdError) in _ = try client.auth.users(deadline: .far) }
        try expect(.userEmpty) { () throws(EtcdError) in try client.auth.disable(deadline: .far) }
        if !EtcdServer.version.hasPrefix("3.4.") {
            try expect(.userEmpty) { () throws(EtcdError) in _ = try client.auth.status(deadline: .far) }
        }

        // What lets root in is not taken away, by root itself neither.
        let root = AuthNameRequest(name: "root")
        let refusals = [
            client.refusal("UserDelete", root, token), client.refusal("RoleDelete", root, token),
            client.refusal("UserRevokeRole", AuthUserRoleRequest(user: "root", role: "root"), token),
        ]
        #expect(
            refusals.map { $0.flatMap(EtcdServerError.init(statusText:)) } == [
                .invalidAuthManagement, .invalidAuthManagement, .invalidAuthManagement,
            ]
        )
        #expect(client.refusal("AuthDisable", EmptyRequest(), token) == nil)
        #expect(try client.auth.users(deadline: .far) == ["passwordless", "root"])
        try client.auth.deleteUser("root", deadline: .far)
    }

    @Test func noDescriptionShowsAPasswordOrAToken() throws {
        let answer = ProtobufBytes.header + ProtobufBytes.field(2, Array("sesame".utf8))
        let values: [Any] = [
            AuthenticateRequest(name: "alice", password: Secret("sesame")),
            AuthUserAddRequest(name: "alice", password: Secret("sesame")),
            AuthUserChangePasswordRequest(name: "alice", password: Secret("sesame")),
            try AuthenticateResponse(payload: answer.span),
        ]
        for value in values {
            var texts = [String(describing: value), String(reflecting: value), ""]
            dump(value, to: &texts[2])
            #expect(texts.allSatisfy { !$0.contains("sesame") }, "\(texts)")
        }
        let error = try #require(throws: EtcdError.self) {
            try client.auth.changePassword(ofUser: "nobody", to: Secret("sesame"), deadline: .far)
        }
        #expect(!String(reflecting: error).contains("sesame"))
    }
}

extension EtcdClient {
    /// Asks for a token, as no public call does.
    fileprivate func authenticate(_ request: AuthenticateRequest) throws(EtcdError) -> AuthenticateResponse {
        try call("/etcdserverpb.Auth/Authenticate", request, effect: .read, deadline: .far)
    }

    /// Makes a call of the service Auth with a token, and returns what it is refused with; nil when it is not.
    fileprivate func refusal(_ method: String, _ request: some ProtobufEncodable, _ token: String) -> String? {
        let reply = grpc.blockingCall(
            target: 0,
            method: "/etcdserverpb.Auth/\(method)",
            request: request.encoded(),
            metadata: CallMetadata(requiresLeader: true, token: Secret(token)),
            deadline: .far
        )
        return reply.status == 0 ? nil : reply.details
    }
}
