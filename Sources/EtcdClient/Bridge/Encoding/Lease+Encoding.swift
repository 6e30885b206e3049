internal import CGRPCBridge

extension LeaseGrantRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__lease_grant_request__init) { _, message in
            unsafe message.pointee.ttl = timeToLive
            unsafe message.pointee.id = id
        }
    }
}

extension LeaseRevokeRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__lease_revoke_request__init) { _, message in
            unsafe message.pointee.id = id
        }
    }
}

extension LeaseTimeToLiveRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__lease_time_to_live_request__init) { _, message in
            unsafe message.pointee.id = id
            unsafe message.pointee.keys = withKeys ? 1 : 0
        }
    }
}
