public import Foundation

/// A directory in memory, where the machine has /dev/shm, which goes with its owner, and with the test process in any
/// case.
public final class ScratchDirectory {
    /// Where it is.
    public let url: URL

    private let keeper: Keeper

    /// Makes a directory with its role as a part of its name.
    public convenience init(_ role: String) throws {
        try self.init(named: "\(role)-\(UUID().uuidString)")
    }

    /// Makes a directory.
    ///
    /// - Throws: When there is one of that name already, in this process or another.
    init(named name: String) throws {
        let memory = URL(fileURLWithPath: "/dev/shm")
        let parent =
            FileManager.default.isWritableFile(atPath: memory.path)
            ? memory : FileManager.default.temporaryDirectory
        url = parent.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        // Where the test process dies, a server that dies with it may still write.
        let remove = "for pause in 0.1 0.2 0.4 0.8 1.6; do rm -rf \"$1\" 2>/dev/null && break; sleep $pause; done"
        keeper = try Keeper(hold: "", release: remove, [url.path])
    }

    /// The path of a file in the directory.
    public func path(_ name: String) -> String {
        url.appendingPathComponent(name).path
    }
}
