/// Arguments of the program that it does not understand.
struct UsageError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, as a sentence without its period.
    let reason: String

    /// The reason, and where to read on.
    var description: String {
        "\(reason); see whereabouts --help"
    }

    /// The exit status for it (EX_USAGE of sysexits.h).
    static let exitStatus: Int32 = 64
}
