import EtcdLab
import Foundation
import JSON
import Testing

@Suite struct JSONEncodingTests {
    @Test(
        arguments: [
            (.null, "null"),
            (.bool(true), "true"),
            (.integer(.min), "-9223372036854775808"),
            (.number(0.5), "0.5"),
            (.number(1.2345678901234568e29), "1.2345678901234568e+29"),
            (.number(.infinity), "null"),
            (.number(.nan), "null"),
            (.string("a/\"b\"\\é😀\u{2028}"), #""a/\"b\"\\é😀\#u{2028}""#),
            (.string("\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\u{7f}"), "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\u{7f}\""),
            (.array([]), "[]"),
            (.object([:]), "{}"),
            (.array([.integer(1), .array([.string("")])]), #"[1,[""]]"#),
            (
                .object(["b": .null, "a": .object(["é": .bool(false), "z": .integer(0)]), "B": .array([])]),
                #"{"B":[],"a":{"z":0,"é":false},"b":null}"#
            ),
        ] as [(JSONValue, String)]
    )
    func writes(_ value: JSONValue, _ text: String) {
        #expect(String(decoding: value.encoded(), as: UTF8.self) == text)
    }

    @Test func writesLinesForPeople() {
        let value = JSONValue.object(["a": .array([.integer(1), .object([:])]), "b": .object(["c": .array([])])])
        let text = """
            {
              "a": [
                1,
                {}
              ],
              "b": {
                "c": []
              }
            }

            """
        #expect(String(decoding: value.encodedInLines(), as: UTF8.self) == text)
    }

    /// What is written is read as the same by our parser and, as text, by Foundation's.
    @Test(arguments: 0..<20 as Range<UInt64>) func whatIsWrittenIsReadAgain(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let value = Self.value(depth: 0, &random)
            for bytes in [value.encoded(), value.encodedInLines()] {
                #expect(try JSONValue(parsing: bytes) == value)
                let theirs = try JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
                let again = try JSONSerialization.data(withJSONObject: theirs, options: .fragmentsAllowed)
                #expect(try JSONValue(parsing: Array(again)) == value)
            }
        }
    }

    private static func value(depth: Int, _ random: inout SplitMix64) -> JSONValue {
        let count = Int.random(in: 0..<4, using: &random)
        switch Int.random(in: 0..<(depth > 3 ? 5 : 7), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: -1_000_000_000...1_000_000_000, using: &random))
        case 3: return .number(Double(Int.random(in: 0..<1000, using: &random)) + 0.25)
        case 4: return .string(text(&random))
        case 5: return .array((0..<count).map { _ in value(depth: depth + 1, &random) })
        default:
            return .object(
                Dictionary(uniqueKeysWithValues: (0..<count).map { ("k\($0)", value(depth: depth + 1, &random)) })
            )
        }
    }

    private static func text(_ random: inout SplitMix64) -> String {
        let scalars = (0..<Int.random(in: 0..<6, using: &random)).map { _ in
            Unicode.Scalar(UInt32.random(in: 0..<0xd800, using: &random)) ?? "x"
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
