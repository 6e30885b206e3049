internal import JSON

/// A change of an object that is made as a whole or not at all (RFC 6902).
struct JSONPatch {
    private var operations: [JSONValue] = []

    /// The patch with a condition; null stands for a member that is not there, as API servers have it.
    func testing(_ path: String, _ value: JSONValue) -> JSONPatch {
        appending("test", path, value)
    }

    /// The patch with a member that is added, or replaced where it is there.
    func adding(_ path: String, _ value: JSONValue) -> JSONPatch {
        appending("add", path, value)
    }

    /// The patch with a member that is taken away.
    func removing(_ path: String) -> JSONPatch {
        appending("remove", path, nil)
    }

    /// A member's name as a part of a path (RFC 6901 section 3).
    static func escaped(_ name: String) -> String {
        String(name.flatMap { $0 == "~" ? Array("~0") : $0 == "/" ? Array("~1") : [$0] })
    }

    private func appending(_ operation: String, _ path: String, _ value: JSONValue?) -> JSONPatch {
        var members: [String: JSONValue] = ["op": .string(operation), "path": .string(path)]
        members["value"] = value
        var patch = self
        patch.operations.append(.object(members))
        return patch
    }

    var json: JSONValue {
        .array(operations)
    }
}
