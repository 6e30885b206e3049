internal import EtcdClient
internal import SystemPackage

/// The file that a report goes to, whose place is seen to before anything is done.
///
/// What is written goes beside it first, so that there is a whole report or the one before it at any moment.
struct ReportFile {
    /// How much is written at once.
    private static let bufferSize = 1 << 16

    private let path: String

    /// Makes the file beside it.
    ///
    /// - Throws: `.configuration`.
    init(_ path: String) throws(ReconciliationError) {
        self.path = path
        // A file can't take a directory's place.
        if (try? FilePath(path).names()) != nil { throw refusal("it is a directory") }
        do {
            try write { _ in }
        } catch {
            throw refusal("\(error)")
        }
    }

    /// Writes a report in the place of what is there.
    ///
    /// - Throws: `.file`.
    func write(_ report: ReconciliationReport) throws(ReconciliationError) {
        do {
            try write { descriptor in
                var pieces: [UInt8] = []
                try report.write { piece in
                    pieces += piece
                    guard pieces.count >= Self.bufferSize else { return }
                    try descriptor.write(all: pieces)
                    pieces.removeAll(keepingCapacity: true)
                }
                try descriptor.write(all: pieces)
            }
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

    private func write(_ body: (FileDescriptor) throws -> Void) throws {
        let descriptor = try FileDescriptor.open(
            temporary,
            .writeOnly,
            options: [.create, .truncate, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead]
        )
        try descriptor.closeAfter { try body(descriptor) }
    }

    private func refusal(_ reason: String) -> ReconciliationError {
        .configuration(
            "--report \(path.debugDescription) can't be written: \(reason); name a file in a directory that exists and that this user may "
                + "write to. Nothing was done"
        )
    }
}
