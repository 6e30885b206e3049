package import IPTypes
package import JSON

/// A NodeSlicePool as it was read: which node gives which part of a range out.
package struct NodeSlicePoolObject {
    /// The range that is divided.
    package let range: IPPrefix
    /// The slices in order, each with the node that has it; a node may have several.
    package let slices: [(node: String, prefix: IPPrefix)]

    /// Reads an object.
    ///
    /// An entry that names no node, as upstream's controller writes them for what is left, is nobody's.
    ///
    /// - Throws: `.undecodable`.
    package init(_ value: JSONValue, name: String) throws(DatastoreError) {
        let key = "nodeslicepools/\(name)"
        let (text, entries): (String, [(node: String, slice: String)])
        do throws(JSONShapeError) {
            let object = try JSONObject(value)
            text = try object.object("spec").string("range")
            entries = try (object.objectIfPresent("status")?.objects("allocations") ?? []).map {
                entry throws(JSONShapeError) in
                (try entry.string("nodeName"), try entry.string("sliceRange"))
            }
        } catch {
            throw .undecodable(key: key, reason: "\(error)")
        }
        guard let range = try? IPPrefix(text) else {
            throw .undecodable(key: key, reason: "its spec.range \(text) is none")
        }
        self.range = range
        slices = try entries.map { entry throws(DatastoreError) in
            guard let prefix = try? IPPrefix(entry.slice) else {
                throw .undecodable(key: key, reason: "its slice \(entry.slice) is none")
            }
            return (entry.node, prefix)
        }
    }

    /// What stands before a node's name while a slice is taken from it: no node is called so.
    package static let retiredMark = "retired/"

    /// The slices that a node has, the one for new addresses first; with those that are being taken from it only if they are asked for.
    func slices(of node: String, withRetired: Bool = false) -> [IPPrefix] {
        slices.filter { $0.node == node || withRetired && $0.node == Self.retiredMark + node }.map(\.prefix)
    }
}
