import Foundation

/// A program with its arguments, environment and input, started by posix_spawn, which costs less than Foundation's `Process`.
struct Program {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let executable: String
    var arguments: [String] = []
    var environment: [String: String] = [:]
    /// The file that is the program's stdin.
    var input = "/dev/null"

    /// Runs the program to its end and returns the time in milliseconds.
    @discardableResult
    func run() throws -> Double {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var argv = ([executable] + arguments).map { strdup($0) } + [nil]
        var envp = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }

        let start = DispatchTime.now()
        var process: pid_t = 0
        let error = posix_spawn(&process, executable, &actions, nil, &argv, &envp)
        guard error == 0 else { throw Failure(description: "\(executable) can't be started: error \(error)") }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        let elapsed = DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds
        guard status == 0 else {
            throw Failure(
                description: "\(executable) \(environment["CNI_COMMAND"] ?? "") ended with status \(status >> 8)"
            )
        }
        return Double(elapsed) / 1_000_000
    }
}
