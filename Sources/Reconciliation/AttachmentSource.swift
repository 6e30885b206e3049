package import EtcdClient
internal import IPAM
internal import JSON
internal import KubernetesClient
internal import SystemPackage
package import Whereabouts

/// The attachments that a container runtime knows, as a file or the files of its CNI cache say, for nodes without Kubernetes.
package struct AttachmentSource: LifeSource {
    /// For how many seconds an attachment may be missing from a cache, because the runtime notes it behind its ADD.
    private static let settlingTime: Int64 = 300

    private let path: String

    /// Makes a source of a file with a list as CNI's GC has it, or of the directory in which the runtime keeps a file for each attachment.
    package init(path: String) {
        self.path = path
    }

    package var now: Int64 {
        WallClock.now() / 1_000_000_000
    }

    package func look(
        at allocations: [StoredAllocation]?,
        deadline: Deadline
    ) throws(ReconciliationError) -> Look {
        let time = now
        if let names = try? FilePath(path).names() {
            var containers: Set<String> = []
            for name in names {
                let bytes: [UInt8]
                do throws(Errno) {
                    bytes = try FileDescriptor.contents(of: FilePath("\(path)/\(name)"))
                } catch .noSuchFileOrDirectory {
                    // It was deleted since.
                    continue
                } catch {
                    throw flaw("has a file \(name) that can't be read: \(error)")
                }
                containers.insert(try cached(bytes, name))
            }
            return .containers(containers, madeBefore: Timestamp.text(secondsSince1970: time - Self.settlingTime))
        }
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try FileDescriptor.contents(of: FilePath(path))
        } catch {
            throw .configuration(
                "--attachments \(path.debugDescription) can't be read: \(error); check the path and its mode"
            )
        }
        // What was made behind the writing of the file is not in it.
        guard let written = FilePath(path).modificationTime else {
            throw .configuration("--attachments \(path.debugDescription) has no time; give a plain file or a directory")
        }
        guard written <= time + Self.settlingTime else {
            throw flaw("was written \(written - time) seconds from now, by its time; write it anew")
        }
        let known = min(written, time) - Self.settlingTime
        return .containers(try list(bytes), madeBefore: Timestamp.text(secondsSince1970: known))
    }

    /// Reads a list as `cni.dev/valid-attachments` is one (CNI spec 1.1.0 section 5).
    private func list(_ bytes: [UInt8]) throws(ReconciliationError) -> Set<String> {
        guard case .array(let items)? = try? JSONValue(parsing: bytes) else { throw flaw("holds no list") }
        var containers: Set<String> = []
        for item in items {
            guard let container = Self.container(item, "containerID", "ifname") else {
                throw flaw(#"has an item that is not {"containerID": …, "ifname": …}"#)
            }
            containers.insert(container)
        }
        return containers
    }

    /// Reads the container of a file of libcni's cache.
    ///
    /// A file of another kind may be of one that lives, so that nothing can be told.
    private func cached(_ bytes: [UInt8], _ name: String) throws(ReconciliationError) -> String {
        guard let object = try? JSONValue(parsing: bytes) else { throw flaw("has a file \(name) that is not JSON") }
        guard object.text("kind") == "cniCacheV1", let container = Self.container(object, "containerId", "ifName")
        else {
            throw flaw(
                "has a file \(name) that is not cniCacheV1 with containerId and ifName; give a list in its place"
            )
        }
        return container
    }

    private static func container(_ object: JSONValue, _ container: String, _ interface: String) -> String? {
        guard let containerID = object.text(container), !containerID.isEmpty, object.text(interface) != nil else {
            return nil
        }
        return containerID
    }

    private func flaw(_ what: String) -> ReconciliationError {
        .configuration("--attachments \(path.debugDescription) \(what); nothing was freed")
    }
}
