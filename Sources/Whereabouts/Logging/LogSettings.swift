public import Logging

/// Where the log goes, and how much of it there is.
public struct LogSettings: Hashable, Sendable {
    /// The file to append to; nil for none.
    public let file: String?
    /// The least severe level that is logged; nil when the configuration names none.
    public let level: Logger.Level?

    /// Makes settings.
    public init(file: String?, level: Logger.Level?) {
        self.file = file
        self.level = level
    }

    /// Whether the file depends on the directory that a process happens to be in.
    var isRelative: Bool {
        file?.hasPrefix("/") == false
    }

    /// The levels of the configuration, from most to least.
    ///
    /// A logger's levels are the nearest of swift-log.
    static let levels: [String: Logger.Level] = [
        "debug": .debug, "verbose": .info, "error": .error, "panic": .critical,
    ]

    /// A logger with these settings.
    ///
    /// Without a file it writes to stderr if a level was asked for, and nowhere otherwise: a runtime shows what a plugin writes
    /// to stderr in its own errors.
    public func logger() -> Logger {
        guard file != nil || level != nil else {
            return Logger(label: "whereabouts") { _ in SwiftLogNoOpLogHandler() }
        }
        return Logger(label: "whereabouts") { _ in LineLogHandler(file: file, logLevel: level ?? .debug) }
    }
}
