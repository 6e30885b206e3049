internal import Glibc
internal import SystemPackage

extension FilePath {
    /// Gives the file another name, in place of the file that has it (rename(2)).
    func rename(to new: FilePath) throws(Errno) {
        guard unsafe Glibc.rename(string, new.string) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Removes the file's name (unlink(2)).
    func remove() throws(Errno) {
        guard unsafe unlink(string) == 0 else { throw Errno(rawValue: errno) }
    }
}
