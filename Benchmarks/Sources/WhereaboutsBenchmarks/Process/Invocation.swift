/// A program with its arguments, environment, input and output, ready to be run.
struct Invocation: Sendable {
    /// The program's file.
    let executable: String
    var arguments: [String] = []
    /// The whole environment; nothing is inherited.
    var environment: [String: String] = [:]
    /// The file that is the program's stdin.
    var input = "/dev/null"
    /// The file that takes stdout and stderr; what it held is gone.
    let output: String

    /// The same program as another one starts it, which gets the program and its arguments behind its own.
    func started(by launcher: String, _ options: [String]) -> Invocation {
        var invocation = Invocation(executable: launcher, output: output)
        invocation.arguments = options + [executable] + arguments
        invocation.environment = environment
        invocation.input = input
        return invocation
    }
}
