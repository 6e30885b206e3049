/// The permissions of a role (etcd API, message AuthRoleGetResponse).
struct AuthRoleGetResponse: Hashable {
    let header: ResponseHeader
    let permissions: [Permission]
}
