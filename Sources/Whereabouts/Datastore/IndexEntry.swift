internal import IPAM
internal import JSON

/// The value of an index key: the owner, and with the key of a pod until when its address waits for it.
struct IndexEntry {
    let owner: AllocationOwner
    /// In seconds since 1970; nil while a container has the address.
    var retainedUntil: Int64?

    init(_ owner: AllocationOwner, retainedUntil: Int64? = nil) {
        self.owner = owner
        self.retainedUntil = retainedUntil
    }
}

extension IndexEntry: JSONStorable {
    init(_ object: JSONObject) throws(JSONShapeError) {
        owner = try AllocationOwner(object)
        retainedUntil = try object.integerIfPresent("retainedUntil")
    }

    /// The owner's members, and one more.
    var json: JSONValue {
        guard let retainedUntil, case .object(var object) = owner.json else { return owner.json }
        object["retainedUntil"] = .integer(retainedUntil)
        return .object(object)
    }
}
