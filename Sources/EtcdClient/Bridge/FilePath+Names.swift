internal import Glibc
package import SystemPackage

extension FilePath {
    /// Gives the file another name, in place of the file that has it (rename(2)).
    package func rename(to new: FilePath) throws(Errno) {
        guard unsafe Glibc.rename(string, new.string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes the file's name (unlink(2)).
    package func remove() throws(Errno) {
        guard unsafe unlink(string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Makes a directory that only its owner may enter, unless it is there already (mkdir(2)).
    package func makeDirectory() throws(Errno) {
        guard unsafe mkdir(string, 0o700) == 0 || errno == EEXIST else { throw Errno(rawValue: errno) }
    }

    /// The directories above, the nearest first, as far as the path names them.
    package var ancestors: some Sequence<FilePath> {
        sequence(first: self) { path in
            let parent = path.removingLastComponent()
            return parent == path || parent.isEmpty ? nil : parent
        }
        .dropFirst()
    }

    /// Makes a directory, and those above it that are missing, each for its owner alone from its first moment on.
    package func makeDirectories() throws(Errno) {
        var missing: [FilePath] = []
        for path in [self] + ancestors {
            do throws(Errno) {
                try path.makeDirectory()
                break
            } catch  where error == .noSuchFileOrDirectory {
                missing.append(path)
            }
        }
        for path in missing.reversed() {
            try path.makeDirectory()
        }
    }

    /// The names in a directory, in no order (readdir(3)).
    package func names() throws(Errno) -> [String] {
        guard let directory = unsafe opendir(string) else { throw Errno(rawValue: errno) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw Errno(rawValue: errno) }
        return names
    }

    /// Whether this process may read what is there (access(2)).
    package var isReadable: Bool {
        unsafe access(string, R_OK) == 0
    }

    /// Whether there is anything, behind symbolic links too (access(2)).
    package var exists: Bool {
        unsafe access(string, F_OK) == 0
    }

    /// Whether what is there, behind symbolic links too, is a regular file (stat(2)); nil when there is nothing.
    package var isRegularFile: Bool? {
        (try? stat()).map { $0.type == .regular }
    }

    /// When the file was written last, in seconds since 1970 (stat(2)); nil when there is none.
    package var modificationTime: Int64? {
        (try? stat()).map { Int64($0.st_mtim.tv_sec) }
    }

    /// Removes a directory if it is empty (rmdir(2)).
    package func removeDirectory() throws(Errno) {
        guard unsafe rmdir(string) == 0 else { throw Errno(rawValue: errno) }
    }
}
