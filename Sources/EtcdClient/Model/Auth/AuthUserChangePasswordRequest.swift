/// A new password of a user (etcd API, Auth.UserChangePassword).
struct AuthUserChangePasswordRequest: Hashable {
    let name: String
    let password: Secret
}
