internal import Glibc
package import SystemPackage

/// A file that comes to its place when it is whole, and not at all before.
///
/// It is written beside its place, readable to its owner only. What was not committed is removed.
package struct PartialFile: ~Copyable {
    private let path: FilePath
    private let place: FilePath
    private let descriptor: FileDescriptor

    /// Makes an empty file for a place; the process's umask is taken off the permissions.
    package init(for place: FilePath, permissions: FilePermissions = .ownerReadWrite) throws(Errno) {
        let suffix = String(UInt64.random(in: .min ... .max), radix: 16)
        let path = FilePath("\(place.string).\(suffix).part")
        descriptor = try Self.throwingErrno {
            try FileDescriptor.open(
                path,
                .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: permissions
            )
        }
        self.path = path
        self.place = place
    }

    deinit {
        try? descriptor.close()
        try? path.remove()
    }

    /// Appends bytes.
    package func append(_ bytes: [UInt8]) throws(Errno) {
        try descriptor.write(all: bytes)
    }

    /// Gives the file another mode (fchmod(2)).
    package func permit(_ mode: FilePermissions) throws(Errno) {
        guard fchmod(descriptor.rawValue, mode.rawValue) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Begins anew.
    func clear() throws(Errno) {
        try Self.throwingErrno {
            try descriptor.resize(to: 0)
            try descriptor.seek(offset: 0, from: .start)
        }
    }

    /// Brings the file to its place, in place of the file that is there, once it is on the disk.
    package consuming func commit() throws(Errno) {
        guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        try path.rename(to: place)
        // The name is on the disk a little later in any case; a file system that can't tell is no reason to call it missing.
        let folder = place.removingLastComponent()
        let opened = folder.isEmpty ? "." : folder
        if let names = try? FileDescriptor.open(opened, .readOnly, options: [.directory, .closeOnExec]) {
            _ = fsync(names.rawValue)
            try? names.close()
        }
    }

    /// The package declares its errors as any; they are all of this kind.
    private static func throwingErrno<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
        do {
            return try body()
        } catch {
            throw error as? Errno ?? .ioError
        }
    }
}
