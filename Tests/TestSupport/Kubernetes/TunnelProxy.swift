internal import Foundation
internal import Synchronization

/// A proxy of HTTP on loopback that connects its clients to servers on loopback (CONNECT, RFC 9110 section 9.3.6).
///
/// It ends with its owner.
public final class TunnelProxy: Sendable {
    /// The port to connect to.
    public var port: UInt16 { listener.port }

    private let listener: LoopbackListener
    private let targets = Targets()

    private final class Targets: Sendable {
        let list = Mutex<[String]>([])
    }

    /// Starts a proxy; with credentials, `user:password`, it refuses whoever does not give them.
    ///
    /// It answers with the status instead of connecting when one is given.
    public init(credentials: String? = nil, status: String? = nil) throws {
        let targets = targets
        let expected = credentials.map { "proxy-authorization: basic \(Data($0.utf8).base64EncodedString())" }
        listener = try LoopbackListener { client, _, listener in
            guard let head = Self.head(client) else { return }
            let lines = head.components(separatedBy: "\r\n")
            let words = lines[0].split(separator: " ").map(String.init)
            guard words.count == 3, words[0] == "CONNECT", words[2] == "HTTP/1.1",
                let port = words[1].split(separator: ":").last.flatMap({ UInt16($0) })
            else { return client.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)) }
            targets.list.withLock { $0.append(words[1]) }
            if let expected, !lines.dropFirst().contains(where: { Self.isSame($0, expected) }) {
                return client.write(
                    Array("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n".utf8)
                )
            }
            if let status { return client.write(Array("HTTP/1.1 \(status)\r\n\r\n".utf8)) }
            guard let server = try? LoopbackSocket.connected(to: port) else {
                return client.write(Array("HTTP/1.1 502 Bad Gateway\r\n\r\n".utf8))
            }
            client.write(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))
            listener.spawn {
                listener.withRegistered(server) { Self.copy(from: server, to: client) }
                client.shutdown()
            }
            Self.copy(from: client, to: server)
            server.shutdown()
        }
    }

    deinit {
        listener.stop()
    }

    /// The servers that were asked for so far, `host:port`.
    public var requestedTargets: [String] {
        targets.list.withLock { $0 }
    }

    /// The request without a body, which the client keeps to; nil when the connection ends in it.
    private static func head(_ client: LoopbackSocket) -> String? {
        var received: [UInt8] = []
        while !received.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard received.count < 65536, let bytes = client.read() else { return nil }
            received += bytes
        }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether two header lines are the same: the name and the scheme in any case, the credentials exactly.
    private static func isSame(_ line: String, _ expected: String) -> Bool {
        let parts = line.split(separator: " ").map(String.init)
        let others = expected.split(separator: " ").map(String.init)
        return parts.count == 3 && parts[0].lowercased() == others[0] && parts[1].lowercased() == others[1]
            && parts[2] == others[2]
    }

    private static func copy(from source: LoopbackSocket, to sink: LoopbackSocket) {
        while let bytes = source.read() {
            sink.write(bytes)
        }
    }
}
