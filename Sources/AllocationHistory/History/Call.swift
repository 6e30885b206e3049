/// One call of a plugin: what it asked, when it ran, and how it ended.
public struct Call: Codable, Sendable, Hashable {
    /// The call's number, unique in its history.
    public let number: Int
    /// What the call asked.
    public let verb: Verb
    /// The node that the plugin ran on.
    public let node: String
    /// The name of the network configuration.
    public let network: String
    /// The container and interface that the call named; GC and STATUS name none that counts.
    public let attachment: CallAttachment
    /// The pod as `namespace/name`, where the call named one.
    public let pod: String?
    /// The ranges that an ADD takes an address from, one each, as indices into the history's ranges.
    public let ranges: [Int]
    /// What a GC call was told to leave alone (`cni.dev/valid-attachments`).
    ///
    /// Nil where that is not known, so that the call may have released everything of its node and network.
    public let validAttachments: [CallAttachment]?
    /// When the plugin was started, in nanoseconds since the run began.
    public let start: Int64
    /// When it had ended, by the same clock, which never goes back.
    public let end: Int64
    /// How it ended.
    public let outcome: CallOutcome

    /// Makes a call.
    public init(
        number: Int,
        verb: Verb,
        node: String,
        network: String,
        attachment: CallAttachment,
        pod: String?,
        ranges: [Int],
        validAttachments: [CallAttachment]? = nil,
        start: Int64,
        end: Int64,
        outcome: CallOutcome
    ) {
        self.number = number
        self.verb = verb
        self.node = node
        self.network = network
        self.attachment = attachment
        self.pod = pod
        self.ranges = ranges
        self.validAttachments = validAttachments
        self.start = start
        self.end = end
        self.outcome = outcome
    }
}
