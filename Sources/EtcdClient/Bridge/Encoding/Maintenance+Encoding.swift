internal import CGRPCBridge

extension AlarmRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__alarm_request__init) { _, message in
            switch self {
            case .list:
                unsafe message.pointee.action = ETCDSERVERPB__ALARM_REQUEST__ALARM_ACTION__GET
            case .disarm(let alarm):
                unsafe message.pointee.action = ETCDSERVERPB__ALARM_REQUEST__ALARM_ACTION__DEACTIVATE
                unsafe message.pointee.memberid = alarm.memberID
                unsafe message.pointee.alarm = alarm.kind.code
            }
        }
    }
}

extension Alarm.Kind {
    fileprivate var code: Etcdserverpb__AlarmType {
        switch self {
        case .noSpace: ETCDSERVERPB__ALARM_TYPE__NOSPACE
        case .corrupt: ETCDSERVERPB__ALARM_TYPE__CORRUPT
        case .other(let number): Etcdserverpb__AlarmType(UInt32(bitPattern: number))
        }
    }
}

extension HashKVRequest: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(etcdserverpb__hash_kvrequest__init) { _, message in
            unsafe message.pointee.revision = revision
        }
    }
}
