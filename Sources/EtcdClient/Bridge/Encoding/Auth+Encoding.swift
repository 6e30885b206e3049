internal import CGRPCBridge

extension AuthenticateRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__authenticate_request__init) { arena, message in
            unsafe message.pointee.name = arena.data(name)
            unsafe message.pointee.password = arena.data(password.revealed)
        }
    }
}

extension AuthNameRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__auth_user_get_request__init) { arena, message in
            unsafe message.pointee.name = arena.data(name)
        }
    }
}

extension AuthUserAddRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__auth_user_add_request__init) { arena, message in
            unsafe message.pointee.name = arena.data(name)
            if let password {
                unsafe message.pointee.password = arena.data(password.revealed)
            } else {
                unsafe message.pointee.options = arena.message(authpb__user_add_options__init) { options in
                    unsafe options.pointee.no_password = 1
                }
            }
        }
    }
}

extension AuthUserChangePasswordRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__auth_user_change_password_request__init) { arena, message in
            unsafe message.pointee.name = arena.data(name)
            unsafe message.pointee.password = arena.data(password.revealed)
        }
    }
}

extension AuthUserRoleRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__auth_user_grant_role_request__init) { arena, message in
            unsafe message.pointee.user = arena.data(user)
            unsafe message.pointee.role = arena.data(role)
        }
    }
}

extension AuthRoleGrantPermissionRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__auth_role_grant_permission_request__init) { arena, message in
            unsafe message.pointee.name = arena.data(role)
            unsafe message.pointee.perm = arena.message(authpb__permission__init) { message in
                unsafe message.pointee.permtype = permission.access.code
                unsafe message.pointee.key = arena.data(permission.range.start.bytes)
                unsafe message.pointee.range_end = arena.data(permission.range.end)
            }
        }
    }
}

extension Permission.Access {
    fileprivate var code: Authpb__Permission__Type {
        switch self {
        case .read: AUTHPB__PERMISSION__TYPE__READ
        case .write: AUTHPB__PERMISSION__TYPE__WRITE
        case .readWrite: AUTHPB__PERMISSION__TYPE__READWRITE
        }
    }
}

extension AuthRoleRevokePermissionRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__auth_role_revoke_permission_request__init) { arena, message in
            unsafe message.pointee.role = arena.data(role)
            unsafe message.pointee.key = arena.data(range.start.bytes)
            unsafe message.pointee.range_end = arena.data(range.end)
        }
    }
}
