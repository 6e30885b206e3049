internal import CGRPCBridge

extension MemberAddRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__member_add_request__init) { arena, message in
            unsafe message.pointee.n_peerurls = peerURLs.count
            unsafe message.pointee.peerurls = arena.data(peerURLs)
            unsafe message.pointee.islearner = isLearner ? 1 : 0
        }
    }
}

extension MemberUpdateRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__member_update_request__init) { arena, message in
            unsafe message.pointee.id = id
            unsafe message.pointee.n_peerurls = peerURLs.count
            unsafe message.pointee.peerurls = arena.data(peerURLs)
        }
    }
}

extension MemberListRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__member_list_request__init) { _, message in
            unsafe message.pointee.linearizable = consistency == .linearizable ? 1 : 0
        }
    }
}

extension MemberIDRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__member_remove_request__init) { _, message in
            unsafe message.pointee.id = id
        }
    }
}
