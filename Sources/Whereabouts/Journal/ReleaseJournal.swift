internal import EtcdClient
internal import Glibc
internal import IPAM
internal import SystemPackage

/// The releases of a node that the datastore has not seen yet, in files that outlive the machine's power
/// (docs/design/releases.md).
///
///     <directory>/pending/<attachment>-<chance>     an entry; the directory is there only while it holds some
///     <directory>/set-aside/<attachment>-<chance>   an entry that can't be carried out, for the operator
///     <directory>/lock                              who has it locked carries entries out
///
/// An entry's name is never used again, so that whoever removes a name removes what it has read.
struct ReleaseJournal: Hashable {
    /// Where the journal is unless `release_journal` says otherwise.
    static let defaultDirectory = "/var/lib/whereabouts/releases"

    /// Larger files are none of ours.
    private static let sizeLimit = 65_536

    /// The directory.
    let directory: String

    private var root: FilePath { FilePath(directory) }
    private var pending: FilePath { root.appending("pending") }
    private var setAside: FilePath { root.appending("set-aside") }

    /// Whether there may be entries; one system call, which tells without reading: it removes an empty directory.
    var mayHaveEntries: Bool {
        do throws(Errno) {
            try pending.removeDirectory()
            return false
        } catch {
            return ![.noSuchFileOrDirectory, .notDirectory].contains(error)
        }
    }

    /// Whether the directory is there.
    var exists: Bool { root.exists }

    /// The number of entries that wait for an operator.
    var setAsideCount: Int { (try? setAside.names().count) ?? 0 }

    // MARK: - Writing

    /// Writes an entry, which is on the disk when this returns.
    func append(_ release: PendingRelease) throws(JournalError) {
        do throws(Errno) {
            try root.makeDirectories()
        } catch {
            throw JournalError(directory, error)
        }
        try checkPrivacy()
        do throws(Errno) {
            let chance = String(UInt64.random(in: .min ... .max), radix: 16)
            let place = pending.appending("\(Self.lead(release.attachment))\(chance)")
            let contents = RecordCoding.encode(release)
            var tries = 0
            while true {
                tries += 1
                do throws(Errno) {
                    try pending.makeDirectory()
                    try Self.write(contents, to: place)
                    break
                } catch  where error == .noSuchFileOrDirectory && tries < 100 {
                    // Somebody found the directory empty, and removed it.
                }
            }
            do throws(Errno) {
                try Self.sync(pending)
            } catch  where error == .noSuchFileOrDirectory {
                // The entry was carried out already, or its directory would not be gone.
            }
            try Self.sync(root)
            // Of those above only a directory made just now needs it, and a file system that can't tell has none of those.
            for ancestor in root.ancestors {
                try? Self.sync(ancestor)
            }
        } catch {
            throw JournalError(directory, error)
        }
    }

    private static func write(_ contents: [UInt8], to place: FilePath) throws(Errno) {
        let file = try PartialFile(for: place)
        try file.append(contents)
        try file.commit()
    }

    private static func sync(_ path: FilePath) throws(Errno) {
        do {
            let names = try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
            try names.closeAfter {
                guard fsync(names.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    /// Checks that nobody else could have written, or can read, what is in the directory.
    private func checkPrivacy() throws(JournalError) {
        let stat: Stat
        do throws(Errno) {
            stat = try root.stat(followTargetSymlink: false)
        } catch {
            throw JournalError(directory, error)
        }
        guard stat.type == .directory else {
            throw JournalError(directory, "it is no directory")
        }
        guard stat.userID.rawValue == geteuid() else {
            throw JournalError(directory, "it belongs to another user")
        }
        let mode = stat.permissions.rawValue
        guard mode & 0o077 == 0 else {
            throw JournalError(directory, "others may use it (its mode is 0\(String(mode, radix: 8)), not 0700)")
        }
    }

    // MARK: - Reading

    /// The names of the entries, or of those of one attachment; without order.
    ///
    /// - Throws: When others can write there too, and when the names can't be read.
    func names(of attachment: Attachment? = nil) throws(JournalError) -> [String] {
        try checkPrivacy()
        return try listing(of: attachment)
    }

    /// Whether there may be entries of an attachment, trusted or not.
    func mayHaveEntries(of attachment: Attachment) -> Bool {
        (try? listing(of: attachment).isEmpty) != true
    }

    private func listing(of attachment: Attachment?) throws(JournalError) -> [String] {
        let lead = attachment.map(Self.lead) ?? ""
        do throws(Errno) {
            return try pending.names().filter { $0.hasPrefix(lead) && !$0.hasSuffix(".part") }
        } catch {
            guard error == .noSuchFileOrDirectory else { throw JournalError(directory, error) }
            return []
        }
    }

    /// Reads an entry; nil when it is gone.
    ///
    /// - Throws: `.damaged` for what is no entry, `.unreadable` when it can't be told.
    func entry(_ name: String) throws(EntryFault) -> PendingRelease? {
        let path = pending.appending(name)
        var contents: [UInt8]?
        do throws(Errno) {
            let stat = try path.stat(followTargetSymlink: false)
            if stat.type == .regular, stat.size <= Self.sizeLimit {
                contents = try FileDescriptor.contents(of: path)
            }
        } catch  where error == .noSuchFileOrDirectory {
            return nil
        } catch {
            throw .unreadable("\(error)")
        }
        guard let contents else {
            throw .damaged("it is no file, or too large")
        }
        return try PendingRelease(contents)
    }

    /// Removes an entry that was carried out.
    func remove(_ name: String) throws(JournalError) {
        do throws(Errno) {
            try pending.appending(name).remove()
        } catch  where error == .noSuchFileOrDirectory {
            // Another process has done the same.
        } catch {
            throw JournalError(directory, error)
        }
    }

    /// Moves an entry to where it keeps nobody busy, and returns its new path.
    func setAside(_ name: String) throws(JournalError) -> String {
        do throws(Errno) {
            try setAside.makeDirectory()
            try pending.appending(name).rename(to: setAside.appending(name))
            return setAside.appending(name).string
        } catch {
            throw JournalError(directory, error)
        }
    }

    /// Removes what writers left behind who were killed an hour ago or more; their DEL did not succeed.
    func removeUnfinished() {
        let names = (try? pending.names()) ?? []
        for path in names.filter({ $0.hasSuffix(".part") }).map({ pending.appending($0) }) {
            guard let stat = try? path.stat(followTargetSymlink: false) else { continue }
            if Timestamp.secondsNow - Int64(stat.st_mtim.tv_sec) >= 3600 {
                try? path.remove()
            }
        }
    }

    /// Runs `body` while no other process carries entries out; nil when another one still does when `patience` ends.
    func exclusively<Result>(patience: Deadline, _ body: () -> Result) throws(JournalError) -> Result? {
        try FileLock.exclusively(root.appending("lock"), patience: patience) { turn throws(JournalError) in
            switch turn {
            case .atOnce, .afterOthers: body()
            case .outOfPatience: nil
            case .unavailable(let error): throw JournalError(directory, error)
            }
        }
    }

    /// What the names of an attachment's entries begin with.
    private static func lead(_ attachment: Attachment) -> String {
        var hash = FNV1a()
        // An interface's name has no slash in it.
        hash.add("\(attachment.containerID)/\(attachment.interfaceName)")
        return hash.text + "-"
    }
}

extension ReleaseJournal {
    /// Why an entry can't be carried out.
    enum EntryFault: Error, Hashable {
        /// It is no entry, and never will be.
        case damaged(String)
        /// The file can't be read now.
        case unreadable(String)
    }
}
