internal import EtcdClient
internal import SystemPackage

/// The file that a report goes to, whose place is seen to before anything is done.
///
/// What is written goes into a file of its own beside it first, so that there is a whole report or the one before it at any moment.
struct ReportFile {
    /// How much is written at once.
    private static let bufferSize = 1 << 16

    private let path: String

    /// Sees whether a file can be made beside it.
    ///
    /// - Throws: `.configuration`.
    init(_ path: String) throws(ReconciliationError) {
        self.path = path
        // A report takes the place of what is there, which may be a directory, or a device or pipe that others use.
        guard FilePath(path).isRegularFile ?? true else { throw refusal("it is no regular file") }
        do throws(Errno) {
            _ = try partialFile()
        } catch {
            throw refusal("\(error)")
        }
    }

    /// Writes a report in the place of what is there.
    ///
    /// - Throws: `.file`.
    func write(_ report: ReconciliationReport) throws(ReconciliationError) {
        do throws(Errno) {
            let file = try partialFile()
            var pieces: [UInt8] = []
            try report.write { piece throws(Errno) in
                pieces += piece
                guard pieces.count >= Self.bufferSize else { return }
                try file.append(pieces)
                pieces.removeAll(keepingCapacity: true)
            }
            try file.append(pieces)
            try file.commit()
        } catch {
            throw .file(
                "--report \(path.debugDescription) can't be written: \(error); what was done is done and stands in the log. "
                    + "See that the place has room and may be written to, and run it again"
            )
        }
    }

    private func partialFile() throws(Errno) -> PartialFile {
        try PartialFile(for: FilePath(path), permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }

    private func refusal(_ reason: String) -> ReconciliationError {
        .configuration(
            "--report \(path.debugDescription) can't be written: \(reason); name a file in a directory that exists and that this user may "
                + "write to. Nothing was done"
        )
    }
}
