/// A read of many keys, page by page, all at one revision (etcd API, KV.Range with a limit).
///
/// No more than one page is held at a time, and a write meanwhile is not seen.
///
///     var pages = client.pages(of: .prefix("jobs/"), size: 500)
///     while let page = try pages.next(deadline: .after(.seconds(5))) {
///         page.forEach { print($0.key) }
///     }
public struct RangePages {
    /// The revision that all pages show; 0 before the first one was read, when none was asked for.
    public private(set) var revision: Int64

    private let client: EtcdClient
    private let limit: Int64
    private let projection: RangeRequest.Projection
    /// What is still to be read; nil when nothing is.
    private var rest: KeyRange?

    init(
        _ client: EtcdClient,
        _ range: KeyRange,
        size: Int,
        revision: Int64,
        projection: RangeRequest.Projection
    ) {
        self.client = client
        self.revision = revision
        self.projection = projection
        limit = Int64(max(1, size))
        rest = range
    }

    /// Reads the next page, which has one key at least; nil after the last one.
    ///
    /// After an error the same page can be asked for again.
    ///
    /// - Throws: As `EtcdClient.range(_:deadline:)`; `.server(.compacted)` when the revision was compacted since the
    ///   first page, and what is missing can't be read any more.
    public mutating func next(deadline: Deadline) throws(EtcdError) -> [KeyValue]? {
        guard let range = rest else { return nil }
        var request = RangeRequest(range, limit: limit, projection: projection)
        request.revision = revision
        let response = try client.range(request, deadline: deadline)
        if revision == 0, let header = response.header {
            revision = header.revision
        }
        guard let last = response.keyValues.last else {
            rest = nil
            return nil
        }
        // The key that comes first after a key is the same with a zero byte at its end.
        rest = response.hasMore ? KeyRange(start: Key(last.key.bytes + [0]), end: range.end) : nil
        return response.keyValues
    }
}
