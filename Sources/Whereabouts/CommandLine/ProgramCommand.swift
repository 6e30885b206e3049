/// What a person who calls the program by hand asks for.
///
/// The program is first of all a plugin that a runtime starts for each call, so the few words that it knows are told apart
/// here and not by a library, which would make it a megabyte larger.
enum ProgramCommand: Hashable {
    /// Check the configuration in a file, or on stdin.
    case validate(file: String?)
    /// Tell how to use the program.
    case help
    /// Tell name and version.
    case version

    /// Reads the arguments behind the program's name.
    ///
    /// - Throws: `UsageError` for any that are not known.
    init(_ arguments: [String]) throws(UsageError) {
        if arguments.contains(where: { ["--help", "-h"].contains($0) }) || arguments.first == "help" {
            self = .help
        } else if arguments.first == "--version" {
            self = .version
        } else if arguments.first == "validate" {
            let files = arguments.dropFirst()
            if let option = files.first(where: { $0.hasPrefix("-") && $0 != "-" }) {
                throw UsageError(reason: "validate has no option \(option.debugDescription)")
            }
            guard files.count <= 1 else { throw UsageError(reason: "validate takes one file") }
            self = .validate(file: files.first.flatMap { $0 == "-" ? nil : $0 })
        } else {
            throw UsageError(reason: "there is no command \((arguments.first ?? "").debugDescription)")
        }
    }

    /// How to use the program.
    static let usage = """
        USAGE: whereabouts validate [FILE]
               whereabouts --version | --help

        whereabouts is a CNI IPAM plugin: a container runtime starts it, by way of a main plugin, with CNI_COMMAND set.

        validate   checks the network configuration, or the list of them, in FILE or on stdin, together with the flat
                   file of this node, and prints the configuration that results as JSON, its password masked. No
                   datastore is asked. Notes and errors go to stderr; the exit status is 0 if the plugin would take
                   the configuration, 1 if it would not, and 64 if these arguments are not understood.

        """
}
