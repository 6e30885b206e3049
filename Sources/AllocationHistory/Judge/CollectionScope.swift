/// What a GC call looks at.
struct CollectionScope: Hashable {
    /// The node.
    let node: String
    /// The name of the network configuration.
    let network: String
}
