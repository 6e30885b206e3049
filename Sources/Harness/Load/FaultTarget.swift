/// What a fault befalls.
enum FaultTarget: Sendable, CustomStringConvertible {
    /// What all members hold.
    case store
    /// One of them, by its number.
    case member(Int)
    /// A node, whose clock is put so far from the machine's.
    case node(SimulatedNode, secondsAhead: Int)

    /// The words of a report.
    var description: String {
        switch self {
        case .store: "store"
        case .member(let member): "member \(member)"
        case .node(let node, let seconds): "\(node.name) by \(seconds) s"
        }
    }
}
