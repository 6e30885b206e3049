extension EtcdClient {
    /// The calls about authentication, users and roles.
    public var auth: AuthService { AuthService(client: self) }
}

/// etcd's authentication, its users and their roles (etcd API, service Auth).
///
/// While authentication is enabled, these calls are for users who have the role `root`; any user may read its own roles, and
/// their permissions.
///
///     try client.auth.addRole("reader", deadline: deadline)
///     try client.auth.grantPermission(Permission(.read, of: .prefix("jobs/")), toRole: "reader", deadline: deadline)
///     try client.auth.addUser("alice", password: Secret("..."), deadline: deadline)
///     try client.auth.grantRole("reader", toUser: "alice", deadline: deadline)
public struct AuthService {
    let client: EtcdClient

    /// Demands authentication of every client from now on.
    ///
    /// - Throws: `.server(.rootUserNotExist)` without a user `root`, `.server(.rootRoleNotExist)` when that user has not the
    ///   role `root`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func enable(deadline: Deadline) throws(EtcdError) {
        try write("AuthEnable", EmptyRequest(), deadline)
    }

    /// Demands no authentication any more.
    ///
    /// - Throws: As `EtcdClient.put(_:deadline:)`.
    public func disable(deadline: Deadline) throws(EtcdError) {
        try write("AuthDisable", EmptyRequest(), deadline)
    }

    /// Returns whether authentication is demanded.
    ///
    /// - Throws: `.rpc(status: 12)` before etcd 3.5, which does not know this call; otherwise as
    ///   `EtcdClient.range(_:deadline:)`.
    public func status(deadline: Deadline) throws(EtcdError) -> AuthStatusResponse {
        try read("AuthStatus", EmptyRequest(), deadline)
    }

    /// Adds a user.
    ///
    /// A user without a password can be authenticated by a TLS certificate only, whose common name is the user's.
    ///
    /// - Throws: `.server(.userExists)`, `.server(.userEmpty)`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func addUser(_ name: String, password: Secret?, deadline: Deadline) throws(EtcdError) {
        try write("UserAdd", AuthUserAddRequest(name: name, password: password), deadline)
    }

    /// Returns the names of all users.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`.
    public func users(deadline: Deadline) throws(EtcdError) -> [String] {
        let response: AuthNamesResponse = try read("UserList", EmptyRequest(), deadline)
        return response.names
    }

    /// Returns the names of a user's roles.
    ///
    /// - Throws: `.server(.userNotFound)`; otherwise as `EtcdClient.range(_:deadline:)`.
    public func roles(ofUser name: String, deadline: Deadline) throws(EtcdError) -> [String] {
        let response: AuthNamesResponse = try read("UserGet", AuthNameRequest(name: name), deadline)
        return response.names
    }

    /// Deletes a user.
    ///
    /// - Throws: `.server(.userNotFound)`; `.server(.invalidAuthManagement)` for `root` while authentication is enabled;
    ///   otherwise as `EtcdClient.put(_:deadline:)`.
    public func deleteUser(_ name: String, deadline: Deadline) throws(EtcdError) {
        try write("UserDelete", AuthNameRequest(name: name), deadline)
    }

    /// Gives a user another password.
    ///
    /// - Throws: `.server(.userNotFound)`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func changePassword(ofUser name: String, to password: Secret, deadline: Deadline) throws(EtcdError) {
        try write("UserChangePassword", AuthUserChangePasswordRequest(name: name, password: password), deadline)
    }

    /// Gives a user a role; one that the user has already is success.
    ///
    /// - Throws: `.server(.userNotFound)`, `.server(.roleNotFound)`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func grantRole(_ role: String, toUser name: String, deadline: Deadline) throws(EtcdError) {
        try write("UserGrantRole", AuthUserRoleRequest(user: name, role: role), deadline)
    }

    /// Takes a role from a user.
    ///
    /// - Throws: `.server(.userNotFound)`, `.server(.roleNotGranted)`; `.server(.invalidAuthManagement)` for the role `root`
    ///   of the user `root` while authentication is enabled; otherwise as `EtcdClient.put(_:deadline:)`.
    public func revokeRole(_ role: String, fromUser name: String, deadline: Deadline) throws(EtcdError) {
        try write("UserRevokeRole", AuthUserRoleRequest(user: name, role: role), deadline)
    }

    /// Adds a role without permissions.
    ///
    /// - Throws: `.server(.roleExists)`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func addRole(_ name: String, deadline: Deadline) throws(EtcdError) {
        try write("RoleAdd", AuthNameRequest(name: name), deadline)
    }

    /// Returns the names of all roles.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`.
    public func roles(deadline: Deadline) throws(EtcdError) -> [String] {
        let response: AuthNamesResponse = try read("RoleList", EmptyRequest(), deadline)
        return response.names
    }

    /// Returns the permissions of a role, ordered by their keys.
    ///
    /// - Throws: `.server(.roleNotFound)`; otherwise as `EtcdClient.range(_:deadline:)`.
    public func permissions(ofRole name: String, deadline: Deadline) throws(EtcdError) -> [Permission] {
        let response: AuthRoleGetResponse = try read("RoleGet", AuthNameRequest(name: name), deadline)
        return response.permissions
    }

    /// Deletes a role, which all users lose.
    ///
    /// - Throws: `.server(.roleNotFound)`; `.server(.invalidAuthManagement)` for `root` while authentication is enabled;
    ///   otherwise as `EtcdClient.put(_:deadline:)`.
    public func deleteRole(_ name: String, deadline: Deadline) throws(EtcdError) {
        try write("RoleDelete", AuthNameRequest(name: name), deadline)
    }

    /// Gives a role a permission; it takes the place of one for exactly the same keys.
    ///
    /// - Throws: `.server(.roleNotFound)`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func grantPermission(
        _ permission: Permission,
        toRole name: String,
        deadline: Deadline
    ) throws(EtcdError) {
        try write("RoleGrantPermission", AuthRoleGrantPermissionRequest(role: name, permission: permission), deadline)
    }

    /// Takes the permission for exactly these keys from a role.
    ///
    /// - Throws: `.server(.roleNotFound)`, `.server(.permissionNotGranted)`; otherwise as `EtcdClient.put(_:deadline:)`.
    public func revokePermission(
        of range: KeyRange,
        fromRole name: String,
        deadline: Deadline
    ) throws(EtcdError) {
        try write("RoleRevokePermission", AuthRoleRevokePermissionRequest(role: name, range: range), deadline)
    }

    private func read<Response: ProtobufDecodable>(
        _ method: String,
        _ request: some ProtobufEncodable,
        _ deadline: Deadline
    ) throws(EtcdError) -> Response {
        try client.call("/etcdserverpb.Auth/\(method)", request, effect: .read, deadline: deadline)
    }

    private func write(
        _ method: String,
        _ request: some ProtobufEncodable,
        _ deadline: Deadline
    ) throws(EtcdError) {
        let _: HeaderResponse =
            try client.call("/etcdserverpb.Auth/\(method)", request, effect: .write, deadline: deadline)
    }
}
