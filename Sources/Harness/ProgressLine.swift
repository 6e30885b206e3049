internal import AllocationHistory
internal import Glibc
internal import SystemPackage

/// How a run goes, on stderr: on a terminal one line that is written anew, elsewhere a line now and then.
struct ProgressLine: Sendable {
    /// The word behind the carriage return that clears a terminal's line (ECMA-48, EL).
    private static let clear = "\r\u{1b}[K"

    let recorder: Recorder
    /// How many attachments the run is to make.
    let attachments: Int

    /// Writes a line, whole and to stay.
    static func announce(_ text: String) {
        write(text + "\n")
    }

    /// Writes how the run goes twice a second on a terminal, every half a minute elsewhere, until its task is canceled.
    func execute() async {
        let isTerminal = isatty(STDERR_FILENO) == 1
        var before = (calls: 0, time: recorder.now)
        while true {
            try? await Task.sleep(for: isTerminal ? .milliseconds(500) : .seconds(30))
            guard !Task.isCancelled else { break }
            let figures = recorder.takeFigures()
            let now = recorder.now
            let rate = Double(figures.calls - before.calls) * 1e9 / Double(max(1, now - before.time))
            before = (figures.calls, now)
            let text = text(figures, at: now, rate: rate)
            Self.write(isTerminal ? Self.clear + text : text + "\n")
        }
        if isTerminal { Self.write(Self.clear) }
    }

    private func text(_ figures: Recorder.Figures, at now: Int64, rate: Double) -> String {
        let times = figures.recent.sorted()
        func percentile(_ share: Double) -> Int64 {
            times.isEmpty ? 0 : times[min(times.count - 1, Int(share * Double(times.count)))] / 1_000_000
        }
        let broken = figures.broken.isEmpty ? "" : "  now: \(figures.broken.joined(separator: ", "))"
        return
            "\(now / 1_000_000_000) s  \(figures.attachments)/\(attachments) attachments  \(figures.calls) calls  \(Int(rate))/s  "
            + "p50 \(percentile(0.5)) ms  p99 \(percentile(0.99)) ms  \(figures.failed) failed  \(figures.killed) killed  "
            + figures.faultPeriods.counting("fault period") + broken
    }

    private static func write(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}
