/// What the process is to write, and the status to exit with.
public struct ProcessOutcome: Hashable, Sendable {
    /// The result or error, one JSON object; or nothing.
    public var standardOutput: [UInt8]

    /// Text for people.
    public var standardError: [UInt8]

    /// Zero for success.
    public var exitStatus: Int32

    /// Makes an outcome; a silent success by default.
    public init(standardOutput: [UInt8] = [], standardError: [UInt8] = [], exitStatus: Int32 = 0) {
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.exitStatus = exitStatus
    }
}
