public import EtcdLab
internal import Foundation
internal import KubernetesLab

/// A haproxy of HTTP/2 before a server, which answers in its place, or does harm to what it says, as rules tell.
///
/// It ends with its owner.
public final class HTTPFront {
    /// How the front is spoken to.
    public enum Security: Sendable {
        /// HTTP/2 in clear text, as what stands behind another front.
        case clearText
        /// HTTP of the first version in clear text.
        case clearTextOfHTTP1
        /// TLS with a certificate; whoever has no certificate of the CA, if one is named, is sent away.
        case tls(TLSFixture, clientCA: String? = nil)
    }

    /// The port of the front.
    public let port: UInt16

    private let directory: ScratchDirectory
    private let process: ServerProcess

    /// Starts a front before a server of HTTP/2 over TLS, and waits until it listens.
    ///
    /// The rules are lines of haproxy's `frontend`; in them `sc_http_req_cnt(0)` is the number of the request, `lua.wait` the action that lets up to three
    /// seconds pass, and `lua.hold` one that waits until `letGo`.
    public init(to serverPort: UInt16, _ security: Security = .tls(.serverECDSA), rules: [String] = []) throws {
        directory = try ScratchDirectory("http-front")
        let free = try LoopbackListener { _, _, _ in }
        port = free.port
        free.stop()
        let configuration = directory.path("haproxy.cfg")
        let actions = directory.path("actions.lua")
        try """
        core.register_action("wait", {"http-req", "http-res"}, function(txn) core.msleep(math.random(0, 3000)) end)
        core.register_action("hold", {"http-req", "http-res"}, function(txn)
            while io.open("\(directory.path("let-go"))") == nil do core.msleep(5) end
        end)

        """.write(toFile: actions, atomically: true, encoding: .utf8)
        try """
        global
            log stdout format raw daemon
            lua-load \(actions)
        defaults
            mode http
            log global
            timeout connect 10s
            timeout client 600s
            timeout server 600s
        frontend front
            bind 127.0.0.1:\(port) \(try Self.options(security, in: directory))
            log-format "%HM %HPO %ST %Ts.%ms"
            stick-table type integer size 1 expire 1h store http_req_cnt
            http-request track-sc0 int(1)
        \(rules.map { "    \($0)\n" }.joined())
            default_backend server
        backend server
            server server 127.0.0.1:\(serverPort) ssl verify none alpn h2

        """.write(toFile: configuration, atomically: true, encoding: .utf8)
        process = try ServerProcess(
            "/usr/sbin/haproxy",
            ["-db", "-f", configuration],
            log: directory.path("log")
        )
        while (try? LoopbackSocket.connected(to: port)) == nil {
            guard process.isRunning else {
                throw APIServerFailure(reason: (try? log()) ?? "haproxy ended")
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }

    private static func options(_ security: Security, in directory: ScratchDirectory) throws -> String {
        switch security {
        case .clearText:
            return "proto h2"
        case .clearTextOfHTTP1:
            return ""
        case .tls(let server, let clientCA):
            let file = directory.path("server.pem")
            let parts = try [server.certificate, server.key].map { try String(contentsOfFile: $0, encoding: .utf8) }
            try parts.joined().write(toFile: file, atomically: true, encoding: .utf8)
            return "ssl crt \(file) alpn h2" + (clientCA.map { " ca-file \($0) verify required" } ?? "")
        }
    }

    /// Lets everything pass that was held.
    public func letGo() throws {
        try "".write(toFile: directory.path("let-go"), atomically: true, encoding: .utf8)
    }

    private func log() throws -> String {
        try String(contentsOfFile: directory.path("log"), encoding: .utf8)
    }

    /// The requests that came so far, each as its method, its path, the status of its answer and the time, when there are at least as many as are waited for.
    public func requests(atLeast count: Int) throws -> [String] {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let lines = try log().split(separator: "\n").map(String.init).filter { line in
                // Beside what haproxy says of itself.
                line.wholeMatch(of: /[A-Z]+ \/[^ ]* [0-9]{3} .*/) != nil
            }
            guard lines.count < count else { return lines }
            guard ContinuousClock.now < deadline else { throw APIServerFailure(reason: "\(lines) came, and no more") }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }
}
