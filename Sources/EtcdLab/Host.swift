internal import Foundation

/// What the machine that runs the tests can do.
public enum Host {
    /// Whether this process may make network namespaces, mounts and devices.
    public static var isRoot: Bool { geteuid() == 0 }

    /// Whether a program is installed.
    public static func has(_ program: String) -> Bool {
        ["/usr/local/bin/", "/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + program)
        }
    }

    /// Whether the kernel can delay what goes through a device (tc-netem(8)).
    public static let canDelayPackets: Bool = {
        guard isRoot, let namespace = try? NetworkNamespace("probe") else { return false }
        let command = ["tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]
        return (try? namespace.run("/usr/bin/env", command).status) == 0
    }()

    /// Whether the kernel can put a device of a kind, such as `macvlan`, on top of another.
    public static func canStack(_ kind: String) -> Bool {
        guard isRoot, let namespace = try? NetworkNamespace("probe") else { return false }
        do {
            try namespace.ip("link", "add", "lower", "type", "veth", "peer", "name", "peer")
            try namespace.ip("link", "add", "link", "lower", "name", "upper", "type", kind)
            return true
        } catch {
            return false
        }
    }
}
