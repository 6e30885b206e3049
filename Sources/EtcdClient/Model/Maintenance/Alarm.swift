/// A state in which a member refuses requests until it is disarmed (etcd API, message AlarmMember).
public struct Alarm: Hashable, Sendable {
    /// What is wrong.
    public enum Kind: Hashable, Sendable {
        /// The member's store has reached its quota (`--quota-backend-bytes`): etcd refuses writes.
        case noSpace
        /// The member's store differs from the others'.
        case corrupt
        /// Something that only a later etcd knows, by its number.
        case other(Int32)
    }

    /// The member that raised it.
    public let memberID: UInt64
    /// What is wrong.
    public let kind: Kind

    /// Names an alarm.
    public init(_ kind: Kind, memberID: UInt64) {
        self.memberID = memberID
        self.kind = kind
    }
}
