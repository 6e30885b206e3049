import EtcdLab
import Foundation
import JSON
import Testing

/// The JSON parser against Foundation's, which takes what ours does except for a few leniencies.
@Suite struct JSONParsingModelTests {
    @Test(arguments: 0..<20 as Range<UInt64>) func bothReadTheSame(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            let text = Self.text(depth: 0, &random)
            let ours = try JSONValue(parsing: Array(text.utf8))
            let theirs = try JSONDecoder().decode(Model.self, from: Data(text.utf8))
            #expect(ours == theirs.value, "\(text)")
        }
    }

    /// What ours takes of a damaged text, Foundation takes too, with the same value.
    @Test(arguments: 0..<20 as Range<UInt64>) func oursIsTheStricter(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            var bytes = Array(Self.text(depth: 0, &random).utf8)
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = .random(in: 0x20...0x7e, using: &random)
                case 1 where bytes.count > 1: bytes.remove(at: index)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: index)
                }
            }
            guard let ours = try? JSONValue(parsing: bytes) else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            let theirs = try? JSONDecoder().decode(Model.self, from: Data(bytes))
            #expect(theirs != nil, "\(text)")
            // Of keys that damage made equal, each parser takes another one.
            if !Self.hasEqualKeys(text) {
                #expect(ours == theirs?.value, "\(text)")
            }
        }
    }

    /// A random text whose objects have no keys that differ in case only.
    private static func text(depth: Int, _ random: inout SplitMix64) -> String {
        let blank = ["", " ", "\n", "\t\r"].randomElement(using: &random) ?? ""
        let scalars = ["null", "true", "false", "0", "-0", "17", "-4.25", "1.0", "2e3", "9223372036854775807", "1e-2"]
        let strings = [
            #""""#, #""a b""#, #""\n\"\\\/\t""#, #""\u00e9é""#, #""\ud83d\ude00😀""#, #""e\u0301""#, "\"\u{2028}\"",
            #""\u0000""#,
        ]
        let count = Int.random(in: 0..<4, using: &random)
        switch Int.random(in: 0..<(depth > 3 ? 2 : 4), using: &random) {
        case 0: return blank + (scalars.randomElement(using: &random) ?? "") + blank
        case 1: return blank + (strings.randomElement(using: &random) ?? "") + blank
        case 2:
            let elements = (0..<count).map { _ in text(depth: depth + 1, &random) }
            return "\(blank)[\(elements.isEmpty ? blank : elements.joined(separator: ","))]"
        default:
            let members = (0..<count).map { "\(blank)\"k\($0)\"\(blank):\(text(depth: depth + 1, &random))" }
            return "\(blank){\(members.joined(separator: ","))}\(blank)"
        }
    }

    private static func hasEqualKeys(_ text: String) -> Bool {
        let keys = text.matches(of: /"([^"]*)"\s*:/).map { $0.1.lowercased() }
        return Set(keys).count < keys.count
    }
}

/// A JSON value as Foundation's decoder has it.
private struct Model: Decodable {
    let value: JSONValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            value = .null
        } else if let string = try? container.decode(String.self) {
            value = .string(string)
        } else if let members = try? container.decode([String: Model].self) {
            value = .object(members.mapValues(\.value))
        } else if let elements = try? container.decode([Model].self) {
            value = .array(elements.map(\.value))
        } else if let bool = try? container.decode(Bool.self) {
            value = .bool(bool)
        } else if let integer = try? container.decode(Int64.self) {
            value = .integer(integer)
        } else {
            value = .number(try container.decode(Double.self))
        }
    }
}
