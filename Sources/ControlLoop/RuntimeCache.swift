internal import EtcdClient
internal import SystemPackage

/// Where the container runtime keeps a file for each attachment from its ADD to its DEL, by libcni's names `NETWORK-CONTAINER-INTERFACE`.
struct RuntimeCache {
    private let names: [String]
    /// Why it is not known what the runtime has; nil where all directories were read, or are not there.
    let obstacle: String?

    /// Reads the names in directories; one that is not there has none.
    init(_ directories: [String]) {
        var names: [String] = []
        var obstacle: String?
        for directory in directories {
            do throws(Errno) {
                names += try FilePath(directory).names()
            } catch {
                guard error != .noSuchFileOrDirectory else { continue }
                obstacle = "the runtime's cache \(directory) can't be read: \(error)"
            }
        }
        self.names = names
        self.obstacle = obstacle
    }

    /// Whether the runtime may still have a container; an empty name is nobody's.
    func mayHave(_ containerID: String) -> Bool {
        guard !containerID.isEmpty else { return false }
        return obstacle != nil || names.contains { $0.contains(containerID) }
    }
}
