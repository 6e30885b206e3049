internal import EtcdClient
internal import JSON
internal import SystemPackage

/// The file that a report goes to, whose place is seen to before anything is done.
///
/// What is written goes beside it first, so that there is a whole report or the one before it at any moment.
struct ReportFile {
    private let path: String

    /// Makes the file beside it.
    ///
    /// - Throws: `.configuration`.
    init(_ path: String) throws(ReconciliationError) {
        self.path = path
        // A file can't take a directory's place.
        if (try? FilePath(path).names()) != nil { throw refusal("it is a directory") }
        do {
            try write([])
        } catch {
            throw refusal("\(error)")
        }
    }

    /// Writes a report in the place of what is there.
    ///
    /// - Throws: `.file`.
    func write(_ report: ReconciliationReport) throws(ReconciliationError) {
        do {
            try write(report.json.encodedInLines())
            try temporary.rename(to: FilePath(path))
        } catch {
            discard()
            throw .file(
                "--report \(path.debugDescription) can't be written: \(error); what was done is done and stands in the log. "
                    + "See that the place has room and may be written to, and run it again"
            )
        }
    }

    /// Leaves the place as it was.
    func discard() {
        try? temporary.remove()
    }

    private var temporary: FilePath { FilePath(path + ".new") }

    private func write(_ bytes: [UInt8]) throws {
        let descriptor = try FileDescriptor.open(
            temporary,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        try descriptor.closeAfter { try descriptor.write(all: bytes) }
    }

    private func refusal(_ reason: String) -> ReconciliationError {
        .configuration(
            "--report \(path.debugDescription) can't be written: \(reason); name a file in a directory that exists and that this user may "
                + "write to. Nothing was done"
        )
    }
}
