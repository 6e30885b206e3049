internal import Foundation
internal import Synchronization

/// Takes in TCP connections on a free port of loopback, and hands each to a handler on a thread of its own.
final class LoopbackListener: Sendable {
    private struct State {
        var isStopped = false
        var accepted = 0
        var sockets: [ObjectIdentifier: LoopbackSocket] = [:]
    }

    /// The port to connect to.
    let port: UInt16

    private let socket: LoopbackSocket
    private let state = Mutex(State())
    private let threads = DispatchGroup()

    /// Starts to listen.
    ///
    /// The handler gets each connection with its number, 0 for the first.
    init(_ handler: @escaping @Sendable (LoopbackSocket, Int, LoopbackListener) -> Void) throws {
        socket = try LoopbackSocket.bound()
        port = socket.port
        try socket.listen()
        spawn { [self] in
            while let connection = socket.accept() {
                let number = state.withLock { state in
                    state.accepted += 1
                    return state.accepted - 1
                }
                spawn { [self] in
                    withRegistered(connection) { handler(connection, number, self) }
                }
            }
        }
    }

    /// The number of connections that came so far.
    var acceptedCount: Int {
        state.withLock { $0.accepted }
    }

    /// Runs a function on a thread that `stop` waits for.
    func spawn(_ body: @escaping @Sendable () -> Void) {
        threads.enter()
        Thread.detachNewThread { [threads] in
            body()
            threads.leave()
        }
    }

    /// Has `cut` and `stop` end a socket for the length of a function, and ends it behind the function.
    func withRegistered(_ socket: LoopbackSocket, _ body: () -> Void) {
        let isStopped = state.withLock { state in
            state.sockets[ObjectIdentifier(socket)] = socket
            return state.isStopped
        }
        if !isStopped {
            body()
        }
        socket.shutdown()
        state.withLock { _ = $0.sockets.removeValue(forKey: ObjectIdentifier(socket)) }
    }

    /// Ends all connections.
    func cut() {
        for socket in state.withLock({ Array($0.sockets.values) }) {
            socket.shutdown()
        }
    }

    /// Ends everything and waits for the threads.
    func stop() {
        state.withLock { $0.isStopped = true }
        socket.shutdown()
        cut()
        threads.wait()
    }
}
