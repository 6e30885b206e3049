internal import EtcdClient
internal import SystemPackage

/// What the container runtime notes in a file for each attachment from its ADD to its DEL, by libcni's names `NETWORK-CONTAINER-INTERFACE`.
struct RuntimeCache {
    /// The parts of all names: networks' and interfaces' may have hyphens of their own, containers' have none.
    private let parts: Set<Substring>
    /// Why it is not known what the runtime has; nil where all directories were read, or are not there.
    let obstacle: String?

    /// Reads the names in directories; one that is not there has none.
    init(_ directories: [String]) {
        var parts: Set<Substring> = []
        var obstacle: String?
        for directory in directories {
            do throws(Errno) {
                for name in try FilePath(directory).names() { parts.formUnion(name.split(separator: "-")) }
            } catch {
                guard error != .noSuchFileOrDirectory else { continue }
                obstacle = "the runtime's cache \(directory) can't be read: \(error)"
            }
        }
        self.parts = parts
        self.obstacle = obstacle
    }

    /// Whether a container is noted.
    func names(_ containerID: String) -> Bool {
        !containerID.isEmpty && containerID.split(separator: "-").allSatisfy(parts.contains)
    }
}
