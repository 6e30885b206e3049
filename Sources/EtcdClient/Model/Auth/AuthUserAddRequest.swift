/// A new user (etcd API, Auth.UserAdd).
struct AuthUserAddRequest: Hashable {
    let name: String
    /// Nil for a user that can't authenticate by password.
    let password: Secret?
}
