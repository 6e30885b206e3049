import Foundation

/// A directory for one run, in memory where the machine has /dev/shm: the disk of a test machine is no measure.
final class ScratchDirectory {
    let path: String
    /// Where the directory is, for the reader of the figures.
    let kind: String

    init() throws {
        let isInMemory = FileManager.default.isWritableFile(atPath: "/dev/shm")
        kind = isInMemory ? "memory (/dev/shm)" : "the temporary directory"
        path = (isInMemory ? "/dev/shm" : NSTemporaryDirectory()) + "/whereabouts-benchmark-\(getpid())"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ contents: String) throws -> String {
        let file = path + "/" + name
        try contents.write(toFile: file, atomically: false, encoding: .utf8)
        return file
    }
}
