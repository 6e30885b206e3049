/// A value that is kept as a JSON object.
public protocol JSONStorable {
    /// Reads the value from what is kept.
    ///
    /// - Throws: `JSONShapeError` for what is missing or of another type.
    init(_ object: JSONObject) throws(JSONShapeError)

    /// The value as it is kept: an object.
    var json: JSONValue { get }
}
