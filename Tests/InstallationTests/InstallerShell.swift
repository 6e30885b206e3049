import Testing

/// The shells that the installer must run in.
enum InstallerShell: String, CaseIterable, CustomTestStringConvertible {
    /// Debian's, with the programs of this machine.
    case dash
    /// That of small images, with the programs that busybox has, and no other.
    case busybox

    var testDescription: String { rawValue }
}
