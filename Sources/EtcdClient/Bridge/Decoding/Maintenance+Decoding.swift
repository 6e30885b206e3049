internal import CGRPCBridge

extension StatusResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__status_response__unpack,
            etcdserverpb__status_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe StatusResponse(
                header: ResponseHeader(required: message.header),
                version: String(message.version),
                databaseSize: message.dbsize,
                databaseSizeInUse: message.dbsizeinuse,
                leaderID: message.leader == 0 ? nil : message.leader,
                raftIndex: message.raftindex,
                raftTerm: message.raftterm,
                raftAppliedIndex: message.raftappliedindex,
                errors: [String](message.errors, count: message.n_errors),
                isLearner: message.islearner != 0
            )
        }
    }
}

extension AlarmResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__alarm_response__unpack,
            etcdserverpb__alarm_response__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe AlarmResponse(
                alarms: [Alarm](message.alarms, count: message.n_alarms) { alarm in unsafe Alarm(alarm) }
            )
        }
    }
}

extension Alarm {
    fileprivate init(_ message: Etcdserverpb__AlarmMember) {
        let kind: Kind =
            switch unsafe message.alarm {
            case ETCDSERVERPB__ALARM_TYPE__NOSPACE: .noSpace
            case ETCDSERVERPB__ALARM_TYPE__CORRUPT: .corrupt
            default: unsafe .other(Int32(bitPattern: message.alarm.rawValue))
            }
        unsafe self.init(kind, memberID: message.memberid)
    }
}

extension HashKVResponse: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__hash_kvresponse__unpack,
            etcdserverpb__hash_kvresponse__free_unpacked
        ) { message throws(MalformedReply) in
            try unsafe HashKVResponse(
                header: ResponseHeader(required: message.header),
                hash: message.hash,
                compactRevision: message.compact_revision
            )
        }
    }
}
