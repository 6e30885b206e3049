/// What an ADD asks for.
struct AddShape: Hashable {
    /// The name of the network configuration.
    let network: String
    /// The ranges, one address each.
    let ranges: [Int]
}
