/// How addresses are chosen among those that are free, and how long they wait behind a release.
public struct AllocationPolicy: Hashable, Sendable {
    /// Which free address an ADD gets.
    public enum Strategy: String, Hashable, Sendable, CaseIterable {
        /// The lowest one.
        case lowest
        /// The one behind the address that the pool gave out last, and from the pool's end on from its beginning.
        case next
    }

    /// The longest time in seconds that an address may wait, a year.
    public static let longestWait: Int64 = 31_536_000

    /// Which free address an ADD gets.
    public var strategy: Strategy
    /// The seconds for which a released address is given out only when nothing else is free; 0 for none.
    public var reuseDelay: Int64
    /// The seconds for which a released address of a pod waits for the same pod; 0 for none.
    public var retention: Int64

    /// How long to sleep between choosing an address and writing it, so that a test can provoke races; zero otherwise.
    public var raceDelay: Duration

    /// Makes a policy; the default is the lowest address, whenever it was released.
    public init(
        strategy: Strategy = .lowest,
        reuseDelay: Int64 = 0,
        retention: Int64 = 0,
        raceDelay: Duration = .zero
    ) {
        self.strategy = strategy
        self.reuseDelay = reuseDelay
        self.retention = retention
        self.raceDelay = raceDelay
    }
}
