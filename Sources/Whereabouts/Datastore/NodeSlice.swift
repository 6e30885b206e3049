internal import EtcdClient
internal import IPAM
internal import IPTypes
internal import JSON

/// A part of a range out of which one node alone gives addresses, as it is stored.
struct NodeSlice: Equatable {
    /// The part.
    let prefix: IPPrefix
    /// The node that has it.
    let node: String
    /// When the node got it, in seconds since 1970 by the node's clock.
    let claimed: Int64

    private static let currentVersion: Int64 = 1

    init(_ prefix: IPPrefix, of node: String, claimed: Int64) {
        self.prefix = prefix
        self.node = node
        self.claimed = claimed
    }

    /// Reads a key's value.
    ///
    /// - Throws: `.undecodable`.
    init(_ keyValue: KeyValue) throws(DatastoreError) {
        let reason: String
        do throws(JSONShapeError) {
            let object = try JSONObject(parsing: keyValue.value)
            let (version, text) = (try object.integer("version"), try object.string("slice"))
            let (node, claimed) = (try object.string("node"), try object.integer("claimed"))
            if version == Self.currentVersion, let prefix = try? IPPrefix(text) {
                self.init(prefix, of: node, claimed: claimed)
                return
            }
            reason =
                version == Self.currentVersion
                ? "its slice \(text) is none"
                : "its format version is \(version), and this release knows \(Self.currentVersion)"
        } catch {
            reason = "it is not the JSON object expected: \(error)"
        }
        throw .undecodable(key: keyValue.key.description, reason: reason)
    }

    /// The value of its key.
    var encoded: [UInt8] {
        JSONValue.object([
            "claimed": .integer(claimed), "node": .string(node), "slice": .string(prefix.description),
            "version": .integer(Self.currentVersion),
        ]).encoded()
    }
}
