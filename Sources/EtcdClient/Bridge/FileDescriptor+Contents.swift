internal import Glibc
package import SystemPackage

extension FileDescriptor {
    /// All bytes of a file; of a pipe that nobody writes to there are none.
    package static func contents(of path: FilePath) throws(Errno) -> [UInt8] {
        let file = try open(path)
        defer { try? file.close() }
        return try file.readToEnd()
    }

    /// Opens a file for reading; a directory is an error, as for any reader.
    private static func open(_ path: FilePath) throws(Errno) -> FileDescriptor {
        do {
            // Opening a pipe would otherwise wait for a writer, and no deadline would end that.
            return try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    /// Writes all bytes (write(2), as often as it takes).
    ///
    /// The package's own `writeAll` takes any sequence, for which the runtime looks through all types of the program first.
    package func write(all bytes: [UInt8]) throws(Errno) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe Glibc.write(rawValue, buffer.baseAddress, buffer.count)
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw Errno(rawValue: errno)
            }
        }
    }

    /// The bytes from here to the end.
    func readToEnd() throws(Errno) -> [UInt8] {
        var bytes: [UInt8] = []
        do {
            while true {
                let more = try unsafe [UInt8](unsafeUninitializedCapacity: 16384) { buffer, count in
                    count = try unsafe read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if more.isEmpty { return bytes }
                bytes += more
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}
