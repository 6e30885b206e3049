/// A request for a token (etcd API, Auth.Authenticate).
struct AuthenticateRequest: Hashable {
    let name: String
    let password: Secret
}
