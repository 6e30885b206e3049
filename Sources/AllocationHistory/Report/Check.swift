/// What a verdict has looked at of one kind, and which rules that was held against.
public struct Check: Codable, Sendable, Hashable {
    /// The kind, such as calls, or records of the store.
    public let subject: String
    /// How many there were; nil if the history does not say.
    public let count: Int?
    /// The rules.
    public let rules: [Rule]

    /// The names of the columns of a table.
    static let columns = ["checked", "count", "rules"]

    /// The check in a row of it.
    var cells: [String] {
        [subject, count.map(String.init) ?? "-", rules.map(\.rawValue).joined(separator: ", ")]
    }
}
