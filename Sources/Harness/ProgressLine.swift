internal import Glibc
internal import SystemPackage

/// A line on a terminal that says how a run goes; nothing in a pipe.
struct ProgressLine: Sendable {
    let recorder: Recorder
    /// How many attachments the run is to make.
    let attachments: Int

    /// Whether anybody would see it.
    static var isShown: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes the line anew twice a second, until its task is canceled.
    func execute() async {
        guard Self.isShown else { return }
        var before = (calls: 0, time: recorder.now)
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            let figures = recorder.takeFigures()
            let now = recorder.now
            let rate = Double(figures.calls - before.calls) * 1e9 / Double(max(1, now - before.time))
            before = (figures.calls, now)
            let times = figures.recent.sorted()
            func percentile(_ share: Double) -> Int64 {
                times.isEmpty ? 0 : times[min(times.count - 1, Int(share * Double(times.count)))] / 1_000_000
            }
            let broken = figures.broken.isEmpty ? "" : "  now: \(figures.broken.joined(separator: ", "))"
            let text =
                "\(now / 1_000_000_000) s  \(figures.attachments)/\(attachments) attachments  \(figures.calls) calls  \(Int(rate))/s  "
                + "p50 \(percentile(0.5)) ms  p99 \(percentile(0.99)) ms  \(figures.failures) failed  \(figures.faults) faults\(broken)"
            write("\r\u{1b}[K" + text)
        }
        write("\r\u{1b}[K")
    }

    private func write(_ text: String) {
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}
