/// What a harness recorded of one run of load and faults against a plugin: enough to judge it, and to run it again.
public struct History: Codable, Sendable, Hashable {
    /// The format that this release writes and reads.
    public static let currentFormatVersion = 1

    /// The format of the stored form.
    public let formatVersion: Int
    /// The plugin that was called, as a report names it.
    public let plugin: String
    /// The seed that the run's choices followed from.
    public let seed: UInt64
    /// The harness's own parameters, which mean nothing here.
    public let plan: [String: String]
    /// The ranges that calls take addresses from.
    public let ranges: [HistoryRange]
    /// Every call, in any order.
    public let calls: [Call]
    /// Every fault.
    public let faults: [FaultPeriod]
    /// The store when all load had ended and what was put off had been done, before anything was cleaned up.
    public let beforeCleanup: StoreSnapshot?
    /// The store after a DEL of everything and one reconciliation.
    public let afterCleanup: StoreSnapshot?

    /// Makes a history in the current format.
    public init(
        formatVersion: Int = History.currentFormatVersion,
        plugin: String,
        seed: UInt64,
        plan: [String: String],
        ranges: [HistoryRange],
        calls: [Call],
        faults: [FaultPeriod],
        beforeCleanup: StoreSnapshot?,
        afterCleanup: StoreSnapshot?
    ) {
        self.formatVersion = formatVersion
        self.plugin = plugin
        self.seed = seed
        self.plan = plan
        self.ranges = ranges
        self.calls = calls
        self.faults = faults
        self.beforeCleanup = beforeCleanup
        self.afterCleanup = afterCleanup
    }
}
