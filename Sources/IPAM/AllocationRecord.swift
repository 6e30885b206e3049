/// What the store says about one allocated address, beside the address itself and its domain, which stand in the key.
///
/// The stored form is JSON with a format version, so that an operator can read it and a later release can change it.
public struct AllocationRecord: Hashable, Sendable {
    /// The format that this release writes and reads.
    public static let currentVersion = 1

    /// The format version.
    public let version: Int
    /// Whose the address is.
    public let owner: AllocationOwner
    /// The pod's UID, where the runtime gave it.
    public let podUID: String?
    /// The configured range that the address was taken from, in CIDR notation; its length is the address's prefix length.
    public let range: String
    /// When the owner got the address (RFC 3339, UTC).
    public let created: String
    /// The same by the time since the node's start; nil in what earlier releases wrote.
    public let uptime: NodeMoment.Uptime?
    /// When the address stops waiting for the owner's pod, whose container has released it (RFC 3339, UTC); nil while the container
    /// has it.
    public var retainedUntil: String?

    /// Makes a record in the current format.
    public init(owner: AllocationOwner, podUID: String?, range: String, created: NodeMoment) {
        version = Self.currentVersion
        self.owner = owner
        self.podUID = podUID
        self.range = range
        self.created = created.time
        uptime = created.uptime
    }

    /// When the owner got the address, on the owner's node.
    public var moment: NodeMoment {
        NodeMoment(time: created, uptime: uptime)
    }
}
