/// A text that is no YAML, or has what is not taken here.
struct YAMLError: Error, Hashable {
    /// What is wrong and where, as a lower-case phrase without any of the text.
    let reason: String
}
