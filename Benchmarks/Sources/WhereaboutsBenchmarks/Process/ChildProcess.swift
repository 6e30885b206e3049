internal import Glibc

/// Runs programs by `posix_spawn`, which costs less than Foundation's `Process`, and tells what they took.
///
/// This is the one file of the benchmarks that touches memory by hand; `script/lint` knows it by its name.
enum ChildProcess {
    /// Runs a program to its end.
    ///
    /// - Throws: `InvocationFailure` when it can't be started, or does not end with status 0.
    static func run(_ invocation: Invocation) throws(InvocationFailure) -> ProcessUsage {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, invocation.input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, invocation.output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let arguments = unsafe ([invocation.executable] + invocation.arguments).map { unsafe strdup($0) } + [nil]
        let environment = unsafe invocation.environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (arguments + environment).forEach { unsafe free($0) } }

        let start = ContinuousClock.now
        var process: pid_t = 0
        let error = unsafe posix_spawn(&process, invocation.executable, &actions, nil, arguments, environment)
        guard error == 0 else { throw InvocationFailure(invocation, "can't be started: error \(error)") }
        var status: Int32 = 0
        var usage = rusage()
        while unsafe wait4(process, &status, 0, &usage) == -1, errno == EINTR {}
        let end = ContinuousClock.now
        guard status == 0 else {
            // wait(2): the signal is in the low seven bits, the exit status in the byte above.
            let signal = status & 0x7f
            throw InvocationFailure(
                invocation,
                signal == 0 ? "ended with status \(status >> 8)" : "was ended by signal \(signal)"
            )
        }
        return ProcessUsage(
            start: start,
            end: end,
            processorTime: Duration(usage.ru_utime) + Duration(usage.ru_stime)
        )
    }
}

extension Duration {
    fileprivate init(_ time: timeval) {
        self = .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }
}
