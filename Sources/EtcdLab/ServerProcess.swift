internal import Foundation

/// A server that runs, an etcd for example; it is killed with its owner, and with the test process in any case.
package final class ServerProcess {
    /// The program of an etcd: WHEREABOUTS_ETCD may name another one than Debian's.
    package static let etcd = ProcessInfo.processInfo.environment["WHEREABOUTS_ETCD"] ?? "/usr/bin/etcd"

    /// The number of the process.
    package let identifier: Int32

    private let keeper: Keeper

    /// Starts a program, in a network namespace if one is given; its log goes to the end of a file.
    package init(
        _ executable: String,
        _ arguments: [String],
        log: String,
        namespace: NetworkNamespace? = nil
    ) throws {
        // In a session of its own, where an interrupt from the terminal does not reach it before its owner is done with it.
        let command = ["/usr/bin/setsid", executable] + arguments
        // `nsenter` and `setsid` become what they start, so that the number is the server's.
        keeper = try Keeper(
            hold: "log=$1; shift; \"$@\" >>\"$log\" 2>&1 </dev/null & echo $!",
            release: "kill -9 $!",
            [log] + (namespace?.entering(command) ?? command)
        )
        identifier = Int32(keeper.announcement) ?? 0
    }

    /// Kills the process and waits for its end.
    package func kill() {
        keeper.release()
        // The shell can't wait for it, see `Keeper`. Its sockets are closed with its last thread, which need not be the first one's end.
        while isRunning || hasThreads {
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    /// Whether threads beside the first one are left.
    private var hasThreads: Bool {
        let tasks = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(identifier)/task")
        return tasks.map { $0.count > 1 } ?? false
    }

    /// Whether the process has not ended by itself.
    package var isRunning: Bool {
        Self.state(ofTask: "/proc/\(identifier)").map { $0 != "Z" } ?? false
    }

    /// Stops the process where it is, connections open (SIGSTOP), and waits until each of its threads stands still.
    package func freezeAndWait() throws {
        Foundation.kill(identifier, SIGSTOP)
        let tasks = "/proc/\(identifier)/task"
        while try !FileManager.default.contentsOfDirectory(atPath: tasks)
            .allSatisfy({ ["T", nil].contains(Self.state(ofTask: "\(tasks)/\($0)")) })
        {
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    /// Lets the frozen process go on.
    package func thaw() {
        Foundation.kill(identifier, SIGCONT)
    }

    /// The state of a process or thread, behind its name in parentheses (proc(5)); nil when there is none.
    private static func state(ofTask directory: String) -> Character? {
        let stat = try? String(contentsOfFile: "\(directory)/stat", encoding: .utf8)
        return stat?.split(separator: ")").last?.first { $0 != " " }
    }
}
