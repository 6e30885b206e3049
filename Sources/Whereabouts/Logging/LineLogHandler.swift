internal import EtcdClient
internal import IPAM
internal import Logging
internal import SystemPackage

/// Writes each message as one line, `time [level] message key=value …`, to a file or to stderr.
///
/// A line is written by one write(2) in append mode, so that the lines of many processes do not mix. A file that can't be
/// written costs no pod its address: the failure is noted on stderr, and the line goes there.
struct LineLogHandler: LogHandler {
    let file: String?
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(Timestamp.now) [\(event.level.configurationName)] \(event.message)"
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            line += " \(key)=\(value)"
        }
        write(line.split(whereSeparator: \.isNewline).joined(separator: " ") + "\n")
    }

    private func write(_ line: String) {
        guard let file else {
            return Self.writeToStandardError(line)
        }
        do {
            let descriptor = try FileDescriptor.open(
                FilePath(file),
                .writeOnly,
                // A pipe that nobody reads is one more file that can't be written; blocking, its opening would wait.
                options: [.append, .create, .closeOnExec, .nonBlocking],
                permissions: [.ownerReadWrite, .groupRead, .otherRead]
            )
            try descriptor.closeAfter { try descriptor.write(all: Array(line.utf8)) }
        } catch {
            let note = "whereabouts: the log file \(file.debugDescription) can't be written: \(error)"
            Self.writeToStandardError("\(note)\n\(line)")
        }
    }

    private static func writeToStandardError(_ line: String) {
        try? FileDescriptor.standardError.write(all: Array(line.utf8))
    }
}

extension Logger.Level {
    /// The level's name in the configuration.
    fileprivate var configurationName: String {
        switch self {
        case .trace, .debug: "debug"
        case .info, .notice, .warning: "verbose"
        case .error: "error"
        case .critical: "panic"
        }
    }
}
