/// What a call asks of an IPAM plugin: the CNI commands, by words that a report can show.
public enum Verb: String, Codable, Sendable, Hashable, CaseIterable {
    /// ADD: allocate.
    case add
    /// DEL: release.
    case delete
    /// CHECK: say whether what was allocated still stands.
    case check
    /// GC: release what is no longer valid on a node.
    case collect
    /// STATUS: say whether an ADD could succeed.
    case status
}
