/// A moment on a node, by which is told what came before what.
///
/// A node's wall clock does not tell that: it is put forward and back. The time since the node's start does, among moments behind one
/// start.
public struct NodeMoment: Hashable, Sendable {
    /// The time since a start of a machine.
    public struct Uptime: Hashable, Sendable {
        /// Which start it was; no two have the same name.
        public let boot: String
        /// The time since then.
        public let nanoseconds: Int64

        /// Makes a time.
        public init(boot: String, nanoseconds: Int64) {
            self.boot = boot
            self.nanoseconds = nanoseconds
        }
    }

    /// The time by the wall clock, as a `Timestamp`.
    public let time: String
    /// The time since the node's start; nil where it is not known, as in what earlier releases wrote.
    public let uptime: Uptime?

    /// Makes a moment.
    public init(time: String, uptime: Uptime? = nil) {
        self.time = time
        self.uptime = uptime
    }

    /// Whether this moment came before another one of the same node.
    ///
    /// Where neither of two starts is the present one, and where a time since the start is missing, the wall clock has to do.
    ///
    /// - Parameters:
    ///   - other: The other moment.
    ///   - boot: The node's present start.
    /// - Returns: False also where both are the same moment.
    public func precedes(_ other: NodeMoment, since boot: String?) -> Bool {
        guard let uptime, let otherUptime = other.uptime else { return time < other.time }
        if uptime.boot == otherUptime.boot { return uptime.nanoseconds < otherUptime.nanoseconds }
        if otherUptime.boot == boot { return true }
        if uptime.boot == boot { return false }
        return time < other.time
    }
}
