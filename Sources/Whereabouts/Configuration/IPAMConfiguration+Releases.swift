extension IPAMConfiguration {
    /// Reads `add_timeout` and `del_timeout`; the defaults are upstream's.
    static func timeout(
        _ seconds: Int64?,
        key: String,
        default: Int64
    ) throws(ConfigurationError) -> Duration {
        let seconds = seconds ?? `default`
        guard (1...3600).contains(seconds) else {
            throw ConfigurationError(
                key: key,
                value: String(seconds),
                reason: "must be whole seconds from 1 to 3600; the default is \(`default`)"
            )
        }
        return .seconds(seconds)
    }

    /// Reads `release_journal`.
    static func releaseJournal(_ wire: WireConfiguration) throws(ConfigurationError) -> ReleaseJournal? {
        let directory = wire.releaseJournal ?? ReleaseJournal.defaultDirectory
        guard directory != "none" else { return nil }
        guard directory.hasPrefix("/") else {
            throw ConfigurationError(
                key: "release_journal",
                value: directory,
                reason: "must be the absolute path of a directory, or none"
            )
        }
        return ReleaseJournal(directory: directory)
    }
}
