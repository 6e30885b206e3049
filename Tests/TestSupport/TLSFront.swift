public import EtcdLab
internal import Foundation

/// A proxy that speaks TLS of one version with clients, and clear text with an etcd behind it.
///
/// etcd itself has no switch for the version.
public final class TLSFront {
    /// The port on which it listens, at 127.0.0.1 and ::1.
    public let port: UInt16
    private let directory: ScratchDirectory
    private let keeper: Keeper

    /// The endpoint as `etcd_host` takes it.
    public var endpoint: String { "127.0.0.1:\(port)" }

    /// Starts haproxy and waits until it listens.
    public init(to etcd: String, server: TLSFixture, version: String) throws {
        directory = try ScratchDirectory("tls-front")
        let free = try LoopbackListener { _, _, _ in }
        port = free.port
        free.stop()
        let certificate = directory.path("server.pem")
        try
            (String(contentsOfFile: server.certificate, encoding: .utf8)
            + String(contentsOfFile: server.key, encoding: .utf8))
            .write(toFile: certificate, atomically: true, encoding: .utf8)
        let configuration = directory.path("haproxy.cfg")
        try """
        defaults
            mode tcp
            timeout connect 10s
            timeout client 600s
            timeout server 600s
        listen etcd
            bind 127.0.0.1:\(port),[::1]:\(port) ssl crt \(certificate) alpn h2 ssl-min-ver \(version) ssl-max-ver \(version)
            server etcd \(etcd)

        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        keeper = try Keeper(
            hold: "/usr/sbin/haproxy -db -f \"$1\" >/dev/null 2>&1 </dev/null & echo $!",
            release: "kill -9 $!",
            [configuration]
        )
        while (try? LoopbackSocket.connected(to: port)) == nil {
            Thread.sleep(forTimeInterval: 0.01)
        }
    }
}
