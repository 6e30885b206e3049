/// A request that is about one user or one role.
///
/// The messages AuthUserGetRequest, AuthUserDeleteRequest, AuthRoleAddRequest, AuthRoleGetRequest and
/// AuthRoleDeleteRequest of the etcd API are alike.
struct AuthNameRequest: Hashable {
    let name: String
}
