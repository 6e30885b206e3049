public import JSON

extension AllocationRecord: JSONStorable {
    /// Reads a record of any format version that has the same members.
    ///
    /// - Throws: `JSONShapeError` for what is missing or of another type.
    public init(_ object: JSONObject) throws(JSONShapeError) {
        version = Int(try object.integer("version"))
        owner = try AllocationOwner(try object.object("owner"))
        podUID = try object.stringIfPresent("podUID")
        range = try object.string("range")
        created = try object.string("created")
        uptime = try object.objectIfPresent("uptime").map(NodeMoment.Uptime.init)
        retainedUntil = try object.stringIfPresent("retainedUntil")
    }

    /// The record as it is kept.
    public var json: JSONValue {
        var object: [String: JSONValue] = [
            "version": .integer(Int64(version)), "owner": owner.json, "range": .string(range),
            "created": .string(created),
        ]
        object["uptime"] = uptime?.json
        object["podUID"] = podUID.map(JSONValue.string)
        object["retainedUntil"] = retainedUntil.map(JSONValue.string)
        return .object(object)
    }
}
