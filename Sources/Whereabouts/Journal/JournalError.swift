internal import SystemPackage

/// A release journal that can't be written or read.
package struct JournalError: Error, Hashable, CustomStringConvertible {
    /// The directory that `release_journal` names.
    package let directory: String
    /// What is wrong with it.
    package let reason: String

    init(_ directory: String, _ reason: String) {
        self.directory = directory
        self.reason = reason
    }

    init(_ directory: String, _ error: Errno) {
        self.init(directory, "\(error)")
    }

    /// Key, directory, reason and remedy in one line.
    package var description: String {
        "release_journal: the directory \(directory.debugDescription) can't be used: \(reason); "
            + "name another one, or make this one usable to the user that the runtime's plugins run as, and to nobody else"
    }
}
