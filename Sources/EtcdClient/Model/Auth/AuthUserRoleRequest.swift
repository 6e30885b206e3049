/// A role that a user gets or loses.
///
/// The messages AuthUserGrantRoleRequest and AuthUserRevokeRoleRequest of the etcd API are alike.
struct AuthUserRoleRequest: Hashable {
    let user: String
    let role: String
}
