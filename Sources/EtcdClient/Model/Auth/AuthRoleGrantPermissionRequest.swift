/// A permission that a role gets (etcd API, Auth.RoleGrantPermission).
struct AuthRoleGrantPermissionRequest: Hashable {
    let role: String
    let permission: Permission
}
