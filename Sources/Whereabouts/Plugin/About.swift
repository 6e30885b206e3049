/// What the programs say about themselves.
package enum About {
    /// The release.
    package static let version = "0.1.0"

    /// Name and version of the plugin.
    static let text = title(of: "whereabouts")

    /// Name and version of a program.
    package static func title(of program: String) -> String {
        "\(program) \(version)"
    }
}
