internal import CNI
internal import JSON

/// What was found of a configuration before the whole was checked: enough for notes, and for a log, when that fails.
struct ConfigurationSources {
    let purpose: ConfigurationPurpose
    /// The network's `ipam`, as it was written.
    var network = JSONValue.null
    /// The flat file; nil where there is none that can be read.
    private(set) var flatFile: FlatFile?
    /// What comes from it.
    private(set) var share: FlatFileShare?
    /// What is to be known of the files.
    private(set) var notes: [String] = []
    private var places: [String] = []

    /// Nothing yet.
    init(_ purpose: ConfigurationPurpose) {
        self.purpose = purpose
    }

    /// Takes over what the search for the flat file has found.
    mutating func take(_ found: FlatFile?, configured: [String], places: [String]) {
        flatFile = found
        share = found.map { FlatFileShare($0, besides: network) }
        self.places = places
        notes = configured.filter { ![$0, $0 + "/" + FlatFile.name].contains(found?.path) }
            .map { "configuration_path: there is no file \($0)" }
        if let found, case .object? = found.object.member("ipam") {
            notes.append(
                "\(found.path) has its keys below ipam, where they do not count; write them without ipam around them"
            )
        }
    }

    /// The notes that may have to do with an error.
    func notes(on error: ConfigurationError) -> [String] {
        var notes = notes
        var unknown = WireConfiguration.unknownKeys(in: network)
        unknown += flatFile.map { WireConfiguration.unknownKeys(in: $0.object).map { "\($0) (flat file)" } } ?? []
        if !unknown.isEmpty {
            notes.append("unknown keys: \(unknown.joined(separator: ", "))")
        }
        if error.isMissing, flatFile == nil, !places.isEmpty {
            notes.append("there is no flat file: \(places.joined(separator: ", "))")
        }
        return notes
    }

    /// Where the log goes, whatever else may be wrong.
    var log: LogSettings {
        func text(_ key: String) -> String? {
            for object in [network, flatFile?.object ?? .null] {
                if case .string(let text)? = object.member(key), !text.isEmpty { return text }
            }
            return nil
        }
        return LogSettings(
            file: text("log_file"),
            level: text("log_level").flatMap { LogSettings.levels[$0.lowercased()] }
        )
    }
}
