public import JSON

extension NodeMoment.Uptime: JSONStorable {
    /// Reads a time.
    ///
    /// - Throws: `JSONShapeError` for what is missing or of another type.
    public init(_ object: JSONObject) throws(JSONShapeError) {
        boot = try object.string("boot")
        nanoseconds = try object.integer("nanoseconds")
    }

    /// The time as it is kept.
    public var json: JSONValue {
        .object(["boot": .string(boot), "nanoseconds": .integer(nanoseconds)])
    }
}
