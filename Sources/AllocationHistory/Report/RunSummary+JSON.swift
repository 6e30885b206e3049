internal import FoundationEssentials

extension RunSummary {
    /// The figures as JSON, with sorted keys and lines of their own; the keys are the properties' names.
    public func json() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        // Every number is finite: times are quotients of integers, and no divisor is zero.
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("a summary cannot be encoded")
        }
        return [UInt8](data)
    }
}
