internal import CNI
internal import EtcdClient
internal import SystemPackage

/// The program as a person calls it, with arguments and without CNI_COMMAND.
struct Program {
    let loader: ConfigurationLoader
    /// Name, version and protocol versions, for people.
    let about: String
    /// Reads all of stdin.
    let standardInput: () -> [UInt8]

    /// Does what the arguments behind the program's name say.
    func run(_ arguments: [String]) -> ProcessOutcome {
        do throws(UsageError) {
            switch try ProgramCommand(arguments) {
            case .help: return ProcessOutcome(standardOutput: Array(ProgramCommand.usage.utf8))
            case .version: return ProcessOutcome(standardOutput: Array(about.utf8))
            case .validate(nil): return Validation(loader: loader, source: "stdin").run(standardInput())
            case .validate(let file?): return validate(file)
            }
        } catch {
            return failure("\(error)", exitStatus: UsageError.exitStatus)
        }
    }

    private func validate(_ file: String) -> ProcessOutcome {
        guard let contents = try? FileDescriptor.contents(of: FilePath(file)) else {
            return failure("\(file): can't be read; check the path, and the file's owner and mode", exitStatus: 1)
        }
        return Validation(loader: loader, source: file).run(contents)
    }

    private func failure(_ message: String, exitStatus: Int32) -> ProcessOutcome {
        ProcessOutcome(standardError: Array("whereabouts: \(message)\n".utf8), exitStatus: exitStatus)
    }
}
