internal import Foundation

/// An etcd that runs; it is killed with its owner, and with the test process in any case.
final class EtcdProcess {
    /// The program: WHEREABOUTS_ETCD may name another one than Debian's.
    static let executable = ProcessInfo.processInfo.environment["WHEREABOUTS_ETCD"] ?? "/usr/bin/etcd"

    /// The number of the process.
    let identifier: Int32

    private let keeper: Keeper

    /// Starts an etcd, in a network namespace if one is given; its log goes to the end of a file.
    init(_ arguments: [String], log: String, namespace: NetworkNamespace? = nil) throws {
        // In a session of its own, where an interrupt from the terminal does not reach it before its owner is done with it.
        let command = ["/usr/bin/setsid", Self.executable] + arguments
        // `nsenter` and `setsid` become what they start, so that the number is etcd's.
        keeper = try Keeper(
            hold: "log=$1; shift; \"$@\" >>\"$log\" 2>&1 </dev/null & echo $!",
            release: "kill -9 $!",
            [log] + (namespace?.entering(command) ?? command)
        )
        identifier = Int32(keeper.announcement) ?? 0
    }

    /// Kills the process and waits for its end.
    func kill() {
        keeper.release()
        // The shell can't wait for it, see `Keeper`.
        while isRunning {
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    /// Whether the process has not ended by itself.
    var isRunning: Bool {
        Self.state(ofTask: "/proc/\(identifier)").map { $0 != "Z" } ?? false
    }

    /// Stops the process where it is, connections open (SIGSTOP), and waits until each of its threads stands still.
    func freezeAndWait() throws {
        Foundation.kill(identifier, SIGSTOP)
        let tasks = "/proc/\(identifier)/task"
        while try !FileManager.default.contentsOfDirectory(atPath: tasks)
            .allSatisfy({ ["T", nil].contains(Self.state(ofTask: "\(tasks)/\($0)")) })
        {
            Thread.sleep(forTimeInterval: 0.001)
        }
    }

    /// Lets the frozen process go on.
    func thaw() {
        Foundation.kill(identifier, SIGCONT)
    }

    /// The state of a process or thread, behind its name in parentheses (proc(5)); nil when there is none.
    private static func state(ofTask directory: String) -> Character? {
        let stat = try? String(contentsOfFile: "\(directory)/stat", encoding: .utf8)
        return stat?.split(separator: ")").last?.first { $0 != " " }
    }
}
