internal import CGRPCBridge

extension LeaseKeepAliveRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack { arena in
            let message = unsafe arena.allocate(Etcdserverpb__LeaseKeepAliveRequest.self)
            unsafe etcdserverpb__lease_keep_alive_request__init(message)
            unsafe message.pointee.id = id
            return unsafe message
        }
    }
}
