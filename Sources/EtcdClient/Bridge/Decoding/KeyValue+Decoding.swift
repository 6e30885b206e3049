internal import CGRPCBridge

extension KeyValue {
    init(_ message: Mvccpb__KeyValue) {
        key = unsafe Key(Array(message.key))
        value = unsafe Array(message.value)
        createRevision = unsafe message.create_revision
        modRevision = unsafe message.mod_revision
        version = unsafe message.version
        lease = unsafe message.lease
    }

    static func list(
        _ messages: UnsafeMutablePointer<UnsafeMutablePointer<Mvccpb__KeyValue>?>?,
        count: Int
    ) throws(MalformedReply) -> [KeyValue] {
        guard let messages = unsafe messages else { return [] }
        var list: [KeyValue] = []
        list.reserveCapacity(count)
        for index in 0..<count {
            if let message = unsafe messages[index] {
                list.append(unsafe KeyValue(message.pointee))
            }
        }
        return list
    }
}
