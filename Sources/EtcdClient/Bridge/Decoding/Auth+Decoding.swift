internal import CGRPCBridge

extension AuthenticateResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__authenticate_response__unpack,
            etcdserverpb__authenticate_response__free_unpacked
        ) { message throws(MalformedReply) in
            let token = unsafe String(message.token)
            guard !token.isEmpty else { throw MalformedReply(reason: "it lacks the token") }
            return try unsafe AuthenticateResponse(
                header: ResponseHeader(required: message.header),
                token: Secret(token)
            )
        }
    }
}

extension AuthStatusResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__auth_status_response__unpack,
            etcdserverpb__auth_status_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe AuthStatusResponse(
                header: ResponseHeader(required: message.header),
                isEnabled: message.enabled != 0,
                revision: message.authrevision
            )
        }
    }
}

extension AuthNamesResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__auth_user_list_response__unpack,
            etcdserverpb__auth_user_list_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe AuthNamesResponse(
                header: ResponseHeader(required: message.header),
                names: [String](message.users, count: message.n_users)
            )
        }
    }
}

extension AuthRoleGetResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__auth_role_get_response__unpack,
            etcdserverpb__auth_role_get_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe AuthRoleGetResponse(
                header: ResponseHeader(required: message.header),
                permissions: [Permission](message.perm, count: message.n_perm) { permission throws(MalformedReply) in
                    try unsafe Permission(permission)
                }
            )
        }
    }
}

extension Permission {
    fileprivate init(_ message: Authpb__Permission) throws(MalformedReply) {
        let access: Access =
            switch unsafe message.permtype {
            case AUTHPB__PERMISSION__TYPE__READ: .read
            case AUTHPB__PERMISSION__TYPE__WRITE: .write
            case AUTHPB__PERMISSION__TYPE__READWRITE: .readWrite
            default: throw MalformedReply(reason: "a permission is of no known kind")
            }
        self.init(access, of: unsafe KeyRange(start: Key(Array(message.key)), end: Array(message.range_end)))
    }
}
