internal import EtcdClient

/// The slices of a stretch in the order of their addresses, read page by page.
struct SlicePages {
    private static let size = 256

    private var pages: RangePages

    init(_ client: EtcdClient, _ keys: KeyRange) {
        pages = client.pages(of: keys, size: Self.size)
    }

    /// Reads the next page; empty behind the last one.
    mutating func next(deadline: Deadline) throws(DatastoreError) -> [StoredSlice] {
        let page: [KeyValue]?
        do throws(EtcdError) {
            page = try pages.next(deadline: deadline)
        } catch {
            throw .etcd(error)
        }
        return try (page ?? []).map { keyValue throws(DatastoreError) in try StoredSlice(keyValue) }
    }
}
