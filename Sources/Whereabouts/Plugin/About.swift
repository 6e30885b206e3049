/// What the program says about itself.
package enum About {
    /// The release.
    package static let version = "0.1.0"

    /// Name and version.
    static let text = "whereabouts \(version)"
}
