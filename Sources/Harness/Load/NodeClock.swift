internal import Foundation

/// The wall clock of a simulated node, which can be put forward and back for the plugins on it only, also in the midst of a call.
///
/// libfaketime shows programs a time that lies as far from the machine's as a file says, which it reads at each look; the monotonic
/// clock goes on as it does when the wall clock of a machine is set.
struct NodeClock: Sendable {
    /// As the dynamic loader finds it, whatever the architecture: it puts the libraries' directory in the place of `$LIB` (ld.so(8)).
    private static let library = "/usr/$LIB/faketime/libfaketimeMT.so.1"

    /// The file with the offset.
    private let file: URL

    /// Makes a clock that is right, whose file is in a directory that is there.
    init(in directory: URL) throws {
        file = directory.appendingPathComponent("clock")
        try put(bySeconds: 0)
    }

    /// Why the clocks of a plugin's calls can't be put, with what to do; nil where they can be.
    static func obstacle(for plugin: String) -> String? {
        let isInstalled = ["lib", "lib64"].contains { place in
            let root = "/usr/\(place)"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
            return ([""] + names).contains { name in
                FileManager.default.fileExists(atPath: "\(root)/\(name)/faketime/libfaketimeMT.so.1")
            }
        }
        guard isInstalled else { return "it needs libfaketime (Debian's package faketime)" }
        guard ExecutableFile(plugin).isDynamicallyLinked else {
            return "it needs a dynamically linked plugin, and \(plugin) is none; name the debug build with --plugin"
        }
        return nil
    }

    /// Puts the clock so far from the machine's.
    func put(bySeconds seconds: Int) throws {
        // In one step, so that every look finds the one or the other.
        try Data("\(seconds < 0 ? "" : "+")\(seconds)\n".utf8).write(to: file, options: .atomic)
    }

    /// The variables of a process that goes by the clock.
    var environment: [String: String] {
        [
            "LD_PRELOAD": Self.library, "FAKETIME_TIMESTAMP_FILE": file.path, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1",
        ]
    }

    /// Removes what libfaketime leaves behind of a process that was killed: another one of the same number would stumble over it.
    func removeTraces(of process: Int32) {
        for name in ["faketime_shm_\(process)", "sem.faketime_sem_\(process)"] {
            try? FileManager.default.removeItem(atPath: "/dev/shm/\(name)")
        }
    }
}
