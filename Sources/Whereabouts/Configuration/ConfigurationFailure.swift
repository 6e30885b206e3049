internal import CNI

/// A configuration that can't be loaded, with what is known of it all the same.
struct ConfigurationFailure: Error {
    /// The first key that can't be used.
    let error: ConfigurationError
    /// What may have to do with it, for people: keys that nobody knows, files that are not there.
    let notes: [String]
    /// Where the log goes, as far as that can be read.
    let log: LogSettings

    /// As the runtime gets to see it.
    var cniError: CNIError {
        let parts = [error.description] + notes.map { "note: \($0)" }
        return CNIError(.invalidConfiguration, "invalid configuration", details: parts.joined(separator: "; "))
    }
}
