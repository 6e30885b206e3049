/// What the looks at a node's allocations remember of each other, as long as the process lives.
struct NodeMemory {
    /// Since when allocations have been stranded.
    var candidates = NodeCandidates()
    /// Whether the runtime's cache ever named a container that has an allocation of the node.
    var hasSeenCacheServe = false
}
