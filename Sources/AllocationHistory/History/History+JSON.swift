internal import FoundationEssentials

extension History {
    private struct Format: Decodable {
        let formatVersion: Int
    }

    /// Reads a history from the stored form.
    ///
    /// - Throws: `HistoryError` if the text is no history, is of another format version, or contradicts itself (a call
    ///   that ends before it starts, a range that does not exist, a number given twice).
    public init(json: [UInt8]) throws(HistoryError) {
        let data = Data(json)
        let version: Int
        do {
            version = try JSONDecoder().decode(Format.self, from: data).formatVersion
        } catch {
            throw .malformed("\(error)")
        }
        guard version == Self.currentFormatVersion else {
            throw .unknownFormat(version: version)
        }
        do {
            self = try JSONDecoder().decode(History.self, from: data)
        } catch {
            throw .malformed("\(error)")
        }
        if let contradiction {
            throw .contradictory(contradiction)
        }
    }

    /// The stored form: JSON with sorted keys, so that equal histories have equal texts.
    public func json() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Integers, booleans and text only: none has a value that JSON cannot hold.
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("a history cannot be encoded")
        }
        return [UInt8](data)
    }
}
