internal import Glibc

/// One TCP socket on loopback, closed when nobody holds it any more; every thread may use it.
public final class LoopbackSocket: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) throws {
        guard descriptor >= 0 else { throw SocketFailure(number: errno) }
        self.descriptor = descriptor
        // Small pieces go out at once (Nagle's algorithm off).
        var isOn: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<Int32>.size))
    }

    private convenience init() throws {
        // Not inherited: a program that a test starts would keep the connection open.
        try self.init(socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    }

    deinit {
        close(descriptor)
    }

    /// A socket with a free port of its own, to which connections are refused until it listens.
    public static func bound() throws -> LoopbackSocket {
        let socket = try LoopbackSocket()
        try unsafe socket.withAddress(port: 0) { unsafe bind(socket.descriptor, $0, $1) }
        return socket
    }

    /// A socket connected to a port.
    public static func connected(to port: UInt16) throws -> LoopbackSocket {
        let socket = try LoopbackSocket()
        try unsafe socket.withAddress(port: port) { unsafe connect(socket.descriptor, $0, $1) }
        return socket
    }

    /// Calls a function of the socket API with the loopback address.
    private func withAddress(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw SocketFailure(number: errno) }
    }

    /// The port of this end.
    public var port: UInt16 {
        var address = sockaddr_in()
        var count = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            _ = unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &count)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// From now on connections are taken in, by the system even before `accept`.
    public func listen() throws {
        guard Glibc.listen(descriptor, 64) == 0 else { throw SocketFailure(number: errno) }
    }

    /// Waits for a connection; nil when the socket was shut down.
    public func accept() -> LoopbackSocket? {
        guard let connection = try? LoopbackSocket(Glibc.accept(descriptor, nil, nil)) else { return nil }
        _ = fcntl(connection.descriptor, F_SETFD, FD_CLOEXEC)
        return connection
    }

    /// Waits for bytes; nil at the end of the connection.
    public func read() -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65536) { buffer, count in
            unsafe count = max(0, recv(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Sends all bytes, unless the connection is gone.
    public func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Says that no more bytes will come; those of the other end still may.
    public func finishWriting() {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Ends the connection with a reset, when nobody holds the socket any more.
    public func resetAtEnd() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads to the end of the connection; true when that was a reset.
    public func isResetAtEnd() -> Bool {
        var byte: UInt8 = 0
        while true {
            let count = unsafe recv(descriptor, &byte, 1, 0)
            guard count <= 0 else { continue }
            return count < 0 && errno == ECONNRESET
        }
    }

    /// Ends both directions, and every `accept` and `read` that waits.
    func shutdown() {
        _ = Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
    }
}

/// A call of the socket API that failed.
struct SocketFailure: Error {
    let number: Int32
}
