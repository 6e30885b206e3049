/// An operation of the protocol, as `CNI_COMMAND` names it (CNI spec section 2, "CNI operations").
public enum CNICommand: String, Hashable, Sendable, CaseIterable {
    case add = "ADD"
    case delete = "DEL"
    case check = "CHECK"
    case garbageCollect = "GC"
    case status = "STATUS"
    case version = "VERSION"

    /// The oldest version of the specification which has the operation.
    public var firstVersion: CNIVersion {
        switch self {
        case .add, .delete, .version: .v010
        case .check: .v040
        case .garbageCollect, .status: .v110
        }
    }
}
