internal import CGRPCBridge

extension WatchCommand: ProtobufEncodable {
    func encoded() -> [UInt8] {
        unsafe pack(message(in:))
    }

    private func message(in arena: borrowing ProtobufArena) -> UnsafeMutablePointer<Etcdserverpb__WatchRequest> {
        let message = unsafe arena.allocate(Etcdserverpb__WatchRequest.self)
        unsafe etcdserverpb__watch_request__init(message)
        switch self {
        case .create(let request):
            unsafe message.pointee.request_union_case = ETCDSERVERPB__WATCH_REQUEST__REQUEST_UNION_CREATE_REQUEST
            unsafe message.pointee.create_request = request.message(in: arena)
        case .cancel(let watchID):
            let cancel = unsafe arena.allocate(Etcdserverpb__WatchCancelRequest.self)
            unsafe etcdserverpb__watch_cancel_request__init(cancel)
            unsafe cancel.pointee.watch_id = watchID
            unsafe message.pointee.request_union_case = ETCDSERVERPB__WATCH_REQUEST__REQUEST_UNION_CANCEL_REQUEST
            unsafe message.pointee.cancel_request = cancel
        case .progress:
            let progress = unsafe arena.allocate(Etcdserverpb__WatchProgressRequest.self)
            unsafe etcdserverpb__watch_progress_request__init(progress)
            unsafe message.pointee.request_union_case = ETCDSERVERPB__WATCH_REQUEST__REQUEST_UNION_PROGRESS_REQUEST
            unsafe message.pointee.progress_request = progress
        }
        return unsafe message
    }
}

extension WatchRequest {
    fileprivate func message(
        in arena: borrowing ProtobufArena
    ) -> UnsafeMutablePointer<Etcdserverpb__WatchCreateRequest> {
        let message = unsafe arena.allocate(Etcdserverpb__WatchCreateRequest.self)
        unsafe etcdserverpb__watch_create_request__init(message)
        unsafe message.pointee.key = arena.data(range.start.bytes)
        unsafe message.pointee.range_end = arena.data(range.end)
        unsafe message.pointee.start_revision = startRevision
        unsafe message.pointee.progress_notify = notifiesProgress ? 1 : 0
        unsafe message.pointee.prev_kv = returnsPrevious ? 1 : 0
        unsafe message.pointee.fragment = allowsFragments ? 1 : 0
        typealias Filter = Etcdserverpb__WatchCreateRequest__FilterType
        let codes = unsafe arena.allocate(Filter.self, count: max(1, filters.count))
        for (index, kind) in filters.enumerated() {
            unsafe codes[index] = kind.filterCode
        }
        unsafe message.pointee.filters = codes
        unsafe message.pointee.n_filters = filters.count
        return unsafe message
    }
}

extension WatchEvent.Kind {
    /// The code of the filter that leaves these events out.
    fileprivate var filterCode: Etcdserverpb__WatchCreateRequest__FilterType {
        switch self {
        case .put: ETCDSERVERPB__WATCH_CREATE_REQUEST__FILTER_TYPE__NOPUT
        case .delete: ETCDSERVERPB__WATCH_CREATE_REQUEST__FILTER_TYPE__NODELETE
        }
    }
}
