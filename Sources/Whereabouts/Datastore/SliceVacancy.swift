internal import EtcdClient
internal import IPTypes

/// A part of a range that a node can have.
struct SliceVacancy {
    /// The part.
    let prefix: IPPrefix
    /// The keys of larger slices that would cover it, each with the revision of its last write, or 0 where there is none.
    var unchanged: [(key: Key, revision: Int64)] = []
    /// What other nodes have of it, and use no address of; empty where nobody has any.
    var replaced: [StoredSlice] = []

    /// The part, and all of what it replaces.
    var span: IPRange {
        let last = replaced.map(\.slice.prefix.last).reduce(prefix.last, max)
        return IPRange(prefix.first, last) ?? prefix.range
    }
}
