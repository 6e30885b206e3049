internal import CNI
internal import EtcdClient
internal import Glibc
internal import SystemPackage

/// The plugin as a process: environment and stdin in, stdout and the exit status out.
public enum PluginProcess {
    /// Serves the one call that the process was started for, or what a person asks for by arguments, and ends the process.
    ///
    /// It leaves by `_exit`, right after the result is written: destroying gRPC's channels would wait for its threads, and
    /// exit handlers would run beside them.
    public static func run() -> Never {
        let environment = ProcessEnvironment.variables
        let plugin = IPAMPlugin(environment: environment, isWholeProcess: true)
        let dispatcher = CNIDispatcher(about: About.text) { _ in plugin }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isCall = environment["CNI_COMMAND"]?.isEmpty == false || arguments.isEmpty
        let outcome =
            isCall
            ? dispatcher.run(environment: environment, standardInput: readStandardInput)
            : Program(
                loader: ConfigurationLoader(environment: environment),
                about: dispatcher.aboutText,
                standardInput: readStandardInput
            ).run(arguments)
        var exitStatus = outcome.exitStatus
        do {
            try FileDescriptor.standardError.write(all: outcome.standardError)
            try FileDescriptor.standardOutput.write(all: outcome.standardOutput)
        } catch {
            // Without its result an ADD is no success; the runtime's DEL then frees what was allocated.
            let message = "whereabouts: the result can't be written: \(error)\n"
            try? FileDescriptor.standardError.write(all: Array(message.utf8))
            exitStatus = 1
        }
        withExtendedLifetime(plugin) { _exit(exitStatus) }
    }

    /// All of stdin, unless it is a terminal, where nobody types a configuration.
    ///
    /// Bytes that are not UTF-8 become replacement characters, as in Go's decoder of JSON.
    private static func readStandardInput() -> [UInt8] {
        var input: [UInt8] = []
        guard isatty(0) == 0 else { return input }
        while let line = readLine(strippingNewline: false) {
            input += line.utf8
        }
        return input
    }
}
