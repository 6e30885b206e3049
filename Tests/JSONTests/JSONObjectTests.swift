import JSON
import Testing

@Suite struct JSONObjectTests {
    private func object(_ text: String) throws -> JSONObject {
        try JSONObject(parsing: Array(text.utf8))
    }

    @Test func readsByNameAndType() throws {
        let object = try object(#"{"text":"a","number":-2,"list":["x",""],"inner":{"n":1},"nothing":null,"other":[1]}"#)
        #expect(try object.string("text") == "a")
        #expect(try object.integer("number") == -2)
        #expect(try object.strings("list") == ["x", ""])
        #expect(try object.object("inner").integer("n") == 1)
        #expect(try object.stringIfPresent("nothing") == nil)
        #expect(try object.integerIfPresent("absent") == nil)
        #expect(try object.objectIfPresent("absent") == nil)
    }

    @Test(arguments: ["Text", "absent", "nothing"]) func missingIsNamed(_ name: String) throws {
        let object = try object(#"{"text":"a","nothing":null}"#)
        let error = try #require(throws: JSONShapeError.self) { try object.string(name) }
        #expect(error.description == "\"\(name)\" is missing")
        #expect(throws: JSONShapeError.self) { try object.integer(name) }
        #expect(throws: JSONShapeError.self) { try object.strings(name) }
        #expect(throws: JSONShapeError.self) { try object.object(name) }
    }

    @Test func anotherTypeIsNamedAndNotShown() throws {
        let object = try object(#"{"text":"hidden","number":4711,"fraction":0.5,"list":["a",1]}"#)
        var errors: [JSONShapeError] = []
        errors.append(try #require(throws: JSONShapeError.self) { try object.integer("text") })
        errors.append(try #require(throws: JSONShapeError.self) { try object.string("number") })
        errors.append(try #require(throws: JSONShapeError.self) { try object.integer("fraction") })
        errors.append(try #require(throws: JSONShapeError.self) { try object.strings("list") })
        errors.append(try #require(throws: JSONShapeError.self) { try object.object("list") })
        #expect(
            errors.map(\.description) == [
                "\"text\" is not a whole number", "\"number\" is not a string", "\"fraction\" is not a whole number",
                "\"list\" is not a list of strings", "\"list\" is not an object",
            ]
        )
    }

    @Test(arguments: [
        ("[]", "an array is not an object"), ("", "text is not JSON (line 1, column 1: input is empty)"),
        ("{", "text is not JSON (line 1, column 2: no key)"),
    ])
    func whatIsNoObjectIsRefused(_ text: String, _ reason: String) throws {
        let error = try #require(throws: JSONShapeError.self) { try self.object(text) }
        #expect(error.description == reason)
    }
}
