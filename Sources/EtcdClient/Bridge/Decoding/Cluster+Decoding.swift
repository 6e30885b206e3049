internal import CGRPCBridge

extension Member {
    fileprivate init(_ message: Etcdserverpb__Member) {
        id = unsafe message.id
        name = unsafe String(message.name)
        peerURLs = unsafe [String](message.peerurls, count: message.n_peerurls)
        clientURLs = unsafe [String](message.clienturls, count: message.n_clienturls)
        isLearner = unsafe message.islearner != 0
    }
}

extension MemberAddResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__member_add_response__unpack,
            etcdserverpb__member_add_response__free_unpacked
        ) { message throws(MalformedReply) in
            guard let member = unsafe message.member else { throw MalformedReply(reason: "it lacks the new member") }
            return try unsafe MemberAddResponse(
                header: ResponseHeader(required: message.header),
                member: Member(member.pointee),
                members: [Member](message.members, count: message.n_members) { member in unsafe Member(member) }
            )
        }
    }
}

extension MembersResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__member_list_response__unpack,
            etcdserverpb__member_list_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe MembersResponse(
                header: ResponseHeader(required: message.header),
                members: [Member](message.members, count: message.n_members) { member in unsafe Member(member) }
            )
        }
    }
}
