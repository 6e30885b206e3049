import FoundationEssentials

extension Encodable {
    /// Returns the value as JSON without blanks, keys sorted as Go's library prints them.
    func compactJSON() throws(CNIError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try [UInt8](encoder.encode(self))
        } catch {
            throw CNIError(.io, "answer cannot be encoded", details: "\(error)")
        }
    }
}
