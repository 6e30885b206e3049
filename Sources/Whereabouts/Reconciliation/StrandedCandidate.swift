package import JSON

/// What was noted of an allocation that looked stranded, so that a later look can tell for how long it has done so.
package struct StrandedCandidate: Hashable, Sendable {
    /// When it was seen first, in seconds since 1970.
    package let since: Int64
    /// Why it looked stranded.
    package let reason: String
    /// The version that it had; any other one is another allocation.
    package let version: String

    /// Makes a note.
    package init(since: Int64, reason: String, version: String) {
        self.since = since
        self.reason = reason
        self.version = version
    }
}

extension StrandedCandidate: JSONStorable {
    /// Reads a note.
    package init(_ object: JSONObject) throws(JSONShapeError) {
        since = try object.integer("since")
        reason = try object.string("reason")
        version = try object.string("revision")
    }

    /// The note as it is kept.
    package var json: JSONValue {
        .object(["since": .integer(since), "reason": .string(reason), "revision": .string(version)])
    }
}
