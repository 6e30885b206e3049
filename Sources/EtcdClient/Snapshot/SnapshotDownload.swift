internal import SystemPackage

/// A snapshot on its way to its file.
final class SnapshotDownload {
    private let path: FilePath
    private var file: PartialFile?
    private var check = SnapshotCheck()
    /// What is wrong with the file on this host, which is no failure of etcd.
    private(set) var fileError: EtcdError?

    /// Makes the file, under another name.
    ///
    /// - Throws: `.file`.
    init(to path: FilePath) throws(EtcdError) {
        self.path = path
        do throws(Errno) {
            file = try PartialFile(for: path)
        } catch {
            throw Self.error(path, error)
        }
    }

    /// How far it is.
    var progress: SnapshotProgress {
        check.progress
    }

    /// Begins with an empty file.
    func begin() throws(CallFailure) {
        check = SnapshotCheck()
        do throws(Errno) { try file?.clear() } catch { throw failure(error) }
    }

    /// Writes a piece.
    func take(_ reply: borrowing GRPCReply) throws(CallFailure) {
        let message: SnapshotMessage
        do throws(MalformedReply) { message = try reply.response() } catch { throw .malformed(error) }
        check.take(message)
        do throws(Errno) { try file?.append(message.blob) } catch { throw failure(error) }
    }

    /// Checks what was written, and brings the file to its place.
    ///
    /// - Throws: `.malformedReply`, `.file`.
    func finish() throws(EtcdError) {
        if let finding = check.finding {
            throw EtcdError(.malformedReply, "the snapshot is damaged: \(finding)")
        }
        guard let file = file.take() else { return }
        do throws(Errno) { try file.commit() } catch { throw Self.error(path, error) }
    }

    /// Notes the error, and says that the call is not to be repeated for it.
    private func failure(_ error: Errno) -> CallFailure {
        let described = Self.error(path, error)
        fileError = described
        return CallFailure(
            code: described.code,
            message: described.message,
            cause: described.message,
            isTransient: false,
            mayHaveBeenApplied: false
        )
    }

    private static func error(_ path: FilePath, _ error: Errno) -> EtcdError {
        EtcdError(.file(errno: error.rawValue), "\(path) can't be written: \(error)")
    }
}
