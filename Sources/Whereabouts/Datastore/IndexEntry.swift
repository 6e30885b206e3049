internal import IPAM

/// The value of an index key: the owner, and with the key of a pod until when its address waits for it.
struct IndexEntry: Codable {
    let owner: AllocationOwner
    /// In seconds since 1970; nil while a container has the address.
    var retainedUntil: Int64?

    private enum CodingKeys: String, CodingKey {
        case retainedUntil
    }

    init(_ owner: AllocationOwner, retainedUntil: Int64? = nil) {
        self.owner = owner
        self.retainedUntil = retainedUntil
    }

    init(from decoder: any Decoder) throws {
        owner = try AllocationOwner(from: decoder)
        retainedUntil = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(
            Int64.self,
            forKey: .retainedUntil
        )
    }

    func encode(to encoder: any Encoder) throws {
        try owner.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(retainedUntil, forKey: .retainedUntil)
    }
}
