public import EtcdLab
internal import Foundation

/// A DNS server in a network namespace, for programs that are told to ask it.
public final class NameServer {
    private let directory: ScratchDirectory
    private let keeper: Keeper

    /// Starts dnsmasq at an address of the namespace, port 53, with a name for each list of addresses.
    ///
    /// It gives the addresses of a name in another order each time.
    public init(_ names: [String: [String]], in namespace: NetworkNamespace, at address: String) throws {
        directory = try ScratchDirectory("name-server")
        let hosts = directory.path("hosts")
        try names.map { name, addresses in addresses.map { "\($0) \(name)\n" }.joined() }.joined()
            .write(toFile: hosts, atomically: true, encoding: .utf8)
        try "nameserver \(address)\n".write(toFile: directory.path("resolv.conf"), atomically: true, encoding: .utf8)
        let command = [
            "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file", "--user=root",
            "--no-resolv", "--no-hosts", "--addn-hosts=\(hosts)", "--bind-interfaces", "--listen-address=\(address)",
        ]
        keeper = try Keeper(
            hold: "\"$@\" >/dev/null 2>&1 </dev/null & echo $!",
            release: "kill -9 $!",
            namespace.entering(command)
        )
    }

    /// The command that runs another one as on a host that asks this server, and knows no names of its own.
    public func asking(_ command: [String]) -> [String] {
        let script = #"mount --bind "$0" /etc/resolv.conf && exec "$@""#
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, directory.path("resolv.conf")] + command
    }
}
