internal import CNI
internal import EtcdClient
package import SystemPackage

/// How many calls of the plugin there were on this node since its start, by command and outcome.
///
/// A call appends one byte to a file of its command and outcome, so that the file's length is the number. Nothing is written where nobody has made the
/// directory: who wants the numbers makes it.
package struct CallTally: Sendable {
    /// The numbers of one command and outcome.
    package struct Entry: Hashable, Sendable {
        /// The command, as CNI_COMMAND names it.
        package let command: String
        /// The code of the error; nil for a call that was served.
        package let code: Int?
        /// The number of calls.
        package let count: Int64
    }

    /// The word for an outcome without an error.
    private static let served = "ok"

    /// Where the files are; gone with the host's next start.
    package let directory: FilePath

    /// Makes a tally.
    package init(directory: FilePath = FilePath("/run/whereabouts/calls")) {
        self.directory = directory
    }

    /// Has calls be counted from now on.
    ///
    /// - Throws: `Errno` when the directory can't be made.
    package func begin() throws(Errno) {
        try directory.makeDirectories()
    }

    /// Counts a call; what goes wrong is nobody's business.
    func note(_ command: CNICommand, _ code: CNIError.Code?) {
        let name = "\(command.rawValue)-\(code.map { String($0.rawValue) } ?? Self.served)"
        guard
            let file = try? FileDescriptor.open(
                directory.appending(name),
                .writeOnly,
                options: [.append, .create, .noFollow, .closeOnExec, .nonBlocking],
                permissions: .ownerReadWrite
            )
        else { return }
        _ = try? file.writeAll([UInt8(ascii: "\n")])
        try? file.close()
    }

    /// The numbers, in the order of commands and codes.
    package func entries() -> [Entry] {
        let names = (try? directory.names()) ?? []
        return names.sorted().compactMap { name in
            let parts = name.split(separator: "-")
            guard parts.count == 2, let stat = try? directory.appending(name).stat(followTargetSymlink: false) else {
                return nil
            }
            let code = Int(parts[1])
            guard code != nil || parts[1] == Self.served else { return nil }
            return Entry(command: String(parts[0]), code: code, count: Int64(stat.size))
        }
    }
}
