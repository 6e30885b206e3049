public import Foundation

/// A network namespace with a name of its own, which goes with its owner, and with the test process in any case, and
/// every interface in it too.
public final class NetworkNamespace {
    /// The name that `ip netns` knows.
    public let name: String

    private let keeper: Keeper

    /// Makes a namespace whose loopback interface is up, with its role as a part of its name.
    public init(_ role: String) throws {
        name = "wbt-\(UUID().uuidString.prefix(8).lowercased())-\(role)"
        keeper = try Keeper(
            hold: "{ ip netns add \"$1\" && ip -n \"$1\" link set lo up; } 2>&1",
            release: "ip netns delete \"$1\" 2>/dev/null",
            [name]
        )
        guard keeper.announcement.isEmpty else { throw NetworkNamespaceFailure(reason: keeper.announcement) }
    }

    /// The file that stands for the namespace, as CNI_NETNS names it.
    public var path: String { "/run/netns/\(name)" }

    /// Runs a program inside to its end, as `RunningProcess` does.
    public func run(
        _ executable: String,
        _ arguments: [String] = [],
        environment: [String: String]? = nil,
        input: Data = Data(),
        secret: String? = nil
    ) throws -> RunningProcess.Outcome {
        let command = entering([executable] + arguments)
        return try RunningProcess("/usr/bin/env", command, environment: environment, input: input, secret: secret)
            .wait()
    }

    /// The command that runs another one inside.
    public func entering(_ command: [String]) -> [String] {
        ["/usr/bin/nsenter", "--net=\(path)"] + command
    }

    /// Runs `ip` on the namespace's devices.
    ///
    /// - Throws: `CommandFailure` when it does not end with status 0.
    @discardableResult
    public func ip(_ arguments: String...) throws -> String {
        try run("/usr/bin/env", ["ip"] + arguments).output(of: ["ip"] + arguments)
    }

    /// Runs lines of `ip`, one after the other, each without the word itself.
    ///
    /// - Throws: `CommandFailure` at the first that fails.
    public func ip(lines: [String]) throws {
        let command = ["ip", "-batch", "-"]
        let input = Data(lines.joined(separator: "\n").utf8)
        _ = try run("/usr/bin/env", command, input: input).output(of: command)
    }

    /// The addresses that the kernel has on an interface, with their prefix lengths, without link-local ones; none when
    /// there is no such interface.
    public func addresses(on interface: String = "eth0") throws -> [String] {
        let list = try JSONSerialization.jsonObject(with: Data(try ip("-j", "address").utf8)) as? [[String: Any]]
        let entries = list?.first { $0["ifname"] as? String == interface }?["addr_info"] as? [[String: Any]]
        return (entries ?? []).filter { $0["scope"] as? String != "link" }.compactMap { entry in
            guard let address = entry["local"] as? String, let length = entry["prefixlen"] as? Int else { return nil }
            return "\(address)/\(length)"
        }
    }

    /// Whether an address answers a ping from here within five seconds.
    public func reaches(_ address: String) throws -> Bool {
        try run("/usr/bin/env", ["ping", "-n", "-c", "1", "-w", "5", address]).status == 0
    }
}

/// A network namespace that could not be made.
struct NetworkNamespaceFailure: Error {
    let reason: String
}
