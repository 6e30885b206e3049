internal import CGRPCBridge

extension WatchMessage: ProtobufDecodable {
    init(payload: Span<UInt8>) throws(MalformedReply) {
        self = try unsafe decode(
            payload,
            etcdserverpb__watch_response__unpack,
            etcdserverpb__watch_response__free_unpacked
        ) { message throws(MalformedReply) in try unsafe Self(message) }
    }

    private init(_ message: Etcdserverpb__WatchResponse) throws(MalformedReply) {
        header = unsafe ResponseHeader(message.header)
        watchID = unsafe message.watch_id
        isCreated = unsafe message.created != 0
        isCanceled = unsafe message.canceled != 0
        compactRevision = unsafe message.compact_revision
        cancelReason = unsafe String(message.cancel_reason)
        isFragment = unsafe message.fragment != 0
        var events: [WatchEvent] = []
        unsafe events.reserveCapacity(message.n_events)
        for index in 0..<(unsafe message.n_events) {
            guard let event = unsafe message.events[index] else { continue }
            events.append(try unsafe WatchEvent(event.pointee))
        }
        self.events = events
    }
}

extension WatchEvent {
    fileprivate init(_ message: Mvccpb__Event) throws(MalformedReply) {
        guard let keyValue = unsafe message.kv else {
            throw MalformedReply(reason: "an event of a watch lacks its key")
        }
        switch unsafe message.type {
        case MVCCPB__EVENT__EVENT_TYPE__PUT: kind = .put
        case MVCCPB__EVENT__EVENT_TYPE__DELETE: kind = .delete
        default: throw MalformedReply(reason: "an event of a watch is of no known kind")
        }
        self.keyValue = unsafe KeyValue(keyValue.pointee)
        previous = unsafe message.prev_kv.map { unsafe KeyValue($0.pointee) }
    }
}
