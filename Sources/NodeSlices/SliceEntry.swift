internal import IPTypes
internal import Whereabouts

/// That a node has a slice of a range, as a NodeSlicePool says it.
struct SliceEntry: Hashable {
    /// The node.
    let node: String
    /// The slice.
    let prefix: IPPrefix
    /// Whether the node does not use it any more, and it is about to be free.
    var isRetired = false

    init(_ node: String, _ prefix: IPPrefix, isRetired: Bool = false) {
        self.node = node
        self.prefix = prefix
        self.isRetired = isRetired
    }

    /// Reads `nodeName` and `sliceRange`; nil for a slice that is nobody's.
    init?(nodeName: String, _ prefix: IPPrefix) {
        guard !nodeName.isEmpty else { return nil }
        let mark = NodeSlicePoolObject.retiredMark
        isRetired = nodeName.hasPrefix(mark)
        node = isRetired ? String(nodeName.dropFirst(mark.count)) : nodeName
        self.prefix = prefix
    }

    /// What stands in `nodeName`.
    var nodeName: String {
        isRetired ? NodeSlicePoolObject.retiredMark + node : node
    }
}
