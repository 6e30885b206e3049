/// A permission that a role loses (etcd API, Auth.RoleRevokePermission).
struct AuthRoleRevokePermissionRequest: Hashable {
    let role: String
    let range: KeyRange
}
