internal import EtcdClient
internal import Glibc
internal import SystemPackage

/// How a reconciliation goes, on stderr, one line that is written anew; nothing where that is no terminal.
final class ProgressLine {
    /// What clears a terminal's line (ECMA-48, EL).
    private static let clear = "\r\u{1b}[K"
    private static let interval = Duration.milliseconds(200)

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var next = Deadline.now

    /// Shows a text, unless the last one was shown just now.
    func show(_ text: String) {
        guard isTerminal, next.hasPassed else { return }
        next = .after(Self.interval)
        try? FileDescriptor.standardError.write(all: Array((Self.clear + text).utf8))
    }

    /// Clears the line.
    func end() {
        guard isTerminal else { return }
        try? FileDescriptor.standardError.write(all: Array(Self.clear.utf8))
    }
}
