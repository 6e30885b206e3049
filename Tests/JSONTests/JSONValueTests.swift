import JSON
import Testing

@Suite struct JSONValueTests {
    @Test(
        arguments: [
            ("null", .null),
            (" true\n", .bool(true)),
            ("false", .bool(false)),
            ("0", .integer(0)),
            ("-0", .integer(0)),
            ("1.0", .integer(1)),
            ("1e3", .integer(1000)),
            ("-9223372036854775808", .integer(.min)),
            ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("123456789012345678901234567890", .number(1.2345678901234568e29)),
            ("0.5", .number(0.5)),
            ("-2.5E-1", .number(-0.25)),
            (#""""#, .string("")),
            (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
            (#""\u00e9\uD83D\ude00é😀""#, .string("é😀é😀")),
            (#""\u0000""#, .string("\0")),
            ("[]", .array([])),
            ("[1,[2], {}]", .array([.integer(1), .array([.integer(2)]), .object([:])])),
            ("\t{ }\r\n", .object([:])),
            (#"{"a":{"b":null},"":"x"}"#, .object(["a": .object(["b": .null]), "": .string("x")])),
            (#"{"a":1,"a":2}"#, .object(["a": .integer(2)])),
            (#"{"a":1,"A":2,"b":3}"#, .object(["A": .integer(2), "b": .integer(3)])),
            (#"{"A":1,"a":2,"A":null}"#, .object(["A": .null])),
        ] as [(String, JSONValue)]
    )
    func reads(_ text: String, _ value: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == value)
    }

    @Test(arguments: [
        ("", "line 1, column 1: input is empty"),
        (" \n ", "line 2, column 2: input is empty"),
        ("{\"a\":1,\n\n   \"b\" x}", "line 3, column 8: no colon after the key"),
        ("{", "line 1, column 2: no key"),
        (#"{"a""#, "line 1, column 5: no colon after the key"),
        (#"{"a":"#, "line 1, column 6: no value"),
        (#"{"a":1"#, "line 1, column 7: no comma or } after the value"),
        (#"{"a":1,}"#, "line 1, column 8: no key"),
        ("{'a':1}", "line 1, column 2: no key"),
        ("{1:1}", "line 1, column 2: no key"),
        ("[1,]", "line 1, column 4: no value"),
        ("[1 2]", "line 1, column 4: no comma or ] after the value"),
        ("[01]", "line 1, column 3: no comma or ] after the value"),
        ("[1]]", "line 1, column 4: input goes on after the value"),
        ("1 1", "line 1, column 3: input goes on after the value"),
        ("-", "line 1, column 2: no digit"),
        ("+1", "line 1, column 1: no value"),
        ("1.", "line 1, column 3: no digit"),
        ("1e+", "line 1, column 4: no digit"),
        (" 1e999", "line 1, column 2: number is out of range"),
        ("NaN", "line 1, column 1: no value"),
        ("nul", "line 1, column 1: no value"),
        ("tRue", "line 1, column 1: no value"),
        ("/*x*/1", "line 1, column 1: no value"),
        ("\u{feff}{}", "line 1, column 1: no value"),
        ("[\0]", "line 1, column 2: no value"),
        ("\"\0\"", "line 1, column 2: control character in a string"),
        ("\"a\nb\"", "line 1, column 3: control character in a string"),
        (#""abc"#, "line 1, column 5: string is not closed"),
        (#""\"#, "line 1, column 3: unknown escape"),
        (#""\x""#, "line 1, column 3: unknown escape"),
        (#""\u12""#, "line 1, column 4: no four hexadecimal digits"),
        (#""\u+123""#, "line 1, column 4: no four hexadecimal digits"),
        (#""\u-123""#, "line 1, column 4: no four hexadecimal digits"),
        (#""\ud83d""#, "line 1, column 2: lone surrogate"),
        (#""\ud83dx""#, "line 1, column 2: lone surrogate"),
        (#""\ud83d\n""#, "line 1, column 2: lone surrogate"),
        (#""\ud83d\ud83d""#, "line 1, column 2: lone surrogate"),
        (#""\ude00""#, "line 1, column 2: lone surrogate"),
    ])
    func tellsWhatIsWrongAndWhere(_ text: String, _ message: String) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(error?.description == message)
    }

    @Test(
        arguments: [
            ([0x22, 0xFF, 0x22], 2),
            ([0x22, 0xC0, 0x80, 0x22], 2),
            ([0x22, 0xED, 0xA0, 0x80, 0x22], 2),
            ([0x22, 0xEF, 0xBF], 2),
            ([0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], 1),
        ] as [([UInt8], Int)]
    )
    func rejectsWhatIsNotUTF8(_ bytes: [UInt8], _ column: Int) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: bytes) }
        #expect(error.reason == "input is not UTF-8")
        // A replaced sequence may share its first bytes with the replacement character.
        #expect((column...column + 2).contains(error.column))
    }

    @Test func rejectsUTF16() {
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0x7B, 0x00, 0x7D, 0x00]) }
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func bearsNestingUpToALimit(_ open: String, _ close: String) throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
        }
        _ = try JSONValue(parsing: nested(64))
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(65)) }
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(100_000)) }
        #expect(error?.reason == "values nest too deep")
    }

    @Test func bearsLongInput() throws {
        let zeros = String(repeating: "0", count: 100_000)
        #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array("1\(zeros)".utf8)) }
        #expect(try JSONValue(parsing: Array("0.\(zeros)1".utf8)) == .integer(0))
        #expect(try JSONValue(parsing: Array("\"\(zeros)\"".utf8)) == .string(zeros))
    }

    @Test func errorsHoldNoInput() {
        let text = #"{"etcd_password":"hunter2","etcd_username":hunter2}"#
        let error = #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(text.utf8)) }
        #expect(error.map { "\($0) \(String(reflecting: $0))".contains("hunter2") } == false)
    }

    @Test func membersAreFoundAsGoFindsThem() {
        let object = JSONValue.object([
            "name": .integer(1), "Name": .integer(2), "CNIVERSION": .integer(3), "cniversion": .integer(4),
        ])
        #expect(object.member("name") == .integer(1))
        #expect(object.member("Name") == .integer(2))
        #expect(object.member("NAME") == .integer(2))
        #expect(object.member("cniVersion") == .integer(3))
        #expect(object.member("type") == nil)
        #expect(JSONValue.array([]).member("name") == nil)
    }
}
