/// Names of users or roles.
///
/// The messages AuthUserListResponse, AuthRoleListResponse and AuthUserGetResponse of the etcd API are alike.
struct AuthNamesResponse: Hashable {
    let header: ResponseHeader
    let names: [String]
}
