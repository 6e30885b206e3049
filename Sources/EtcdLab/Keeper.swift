internal import Foundation

/// A shell that holds something, and lets go of it when its owner says so, its owner goes, or the test
/// process ends, however it ends.
///
/// It waits for a pipe from here to close.
package final class Keeper {
    /// What the shell printed while it took hold.
    package let announcement: String

    private let shell = Process()
    private let lifeline: Pipe

    /// Runs the one script, and later the other, in a shell with the arguments as `$1` and so on.
    ///
    /// A script must not `wait` for a background job: where a thread of Dispatch starts the shell, SIGCHLD is blocked in
    /// it, and `wait` does not return.
    package init(hold: String, release: String, _ arguments: [String]) throws {
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        // A signal to the whole job must not keep the shell from its duty.
        shell.arguments = ["-c", "trap '' HUP INT TERM\n\(hold)\nexec >&-\nread _\n\(release)", "keeper"] + arguments
        let pipes: (output: Pipe, lifeline: Pipe) = try ProcessStart.exclusively { [shell] in
            let pipes = (Pipe(), Pipe())
            (shell.standardOutput, shell.standardInput) = pipes
            try shell.run()
            return pipes
        }
        lifeline = pipes.lifeline
        let output = pipes.output
        announcement = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    deinit {
        release()
    }

    /// Lets go, and waits until that is done; nothing happens the second time.
    package func release() {
        try? lifeline.fileHandleForWriting.close()
        shell.waitUntilEnded()
    }
}
