/// A node of a run: a name, and the files that the plugin keeps on it.
struct SimulatedNode: Sendable {
    /// The name that records carry.
    let name: String
    /// The directory of the node's pending releases.
    let journal: String
    /// The directory of the node's tokens.
    let tokens: String

    /// Makes a node whose files are below a directory.
    init(_ number: Int, below directory: String) {
        name = "node-\(number)"
        journal = "\(directory)/\(name)/releases"
        tokens = "\(directory)/\(name)/tokens"
    }
}
