/// What the program says about itself.
enum About {
    /// The release.
    static let version = "0.1.0"

    /// Name and version.
    static let text = "whereabouts \(version)"
}
