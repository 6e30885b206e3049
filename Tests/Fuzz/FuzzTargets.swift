/// All parts of the program that read what others write.
enum FuzzTargets {
    static let all: [any FuzzTarget.Type] = [
        AddressesTarget.self, RangesTarget.self, ArgumentsTarget.self, ConfigurationTarget.self, FlatFileTarget.self,
        RecordsTarget.self, JournalTarget.self, RepliesTarget.self, ObjectsTarget.self, KubeconfigTarget.self,
    ]

    /// The one that the program's first argument names; nil when it names none.
    static let chosen = all.first { $0.name == CommandLine.arguments.dropFirst().first }
}
