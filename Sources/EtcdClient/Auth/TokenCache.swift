internal import Glibc
internal import SystemPackage

/// Keeps tokens of etcd's authentication in files, so that not every process has to ask for one.
///
/// An Authenticate costs etcd tens of milliseconds of one core (bcrypt), and a write of its log. Each combination of endpoints, user and
/// password has a file of its own. A file counts only when it and its directory belong to this process's user and nobody
/// else may read them; where that can't be had the cache is empty, and nothing fails.
public struct TokenCache: Hashable, Sendable {
    /// The directory; it is made when it is missing, with mode 0700.
    public let directory: String

    /// Names the directory, best on a file system in memory such as /run.
    public init(directory: String) {
        self.directory = directory
    }

    /// A user of a cluster, as far as a token goes.
    struct Key {
        /// The file's name, which tells nothing.
        let name: String

        init(endpoints: [Endpoint], user: UserCredentials) {
            let places = endpoints.map(\.description).sorted().joined(separator: ",")
            let password = Self.digest(of: user.password.revealed)
            name = Self.digest(of: "\(places)\n\(user.name)\n\(password)")
        }

        /// The SHA-256 of a text in hexadecimal digits.
        private static func digest(of text: String) -> String {
            let hash = RunningSHA256()
            hash.update(Array(text.utf8)[...])
            let digits = Array("0123456789abcdef".utf8)
            return String(
                decoding: hash.digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
                as: UTF8.self
            )
        }
    }

    /// The token that is kept, if there is one that can be trusted.
    func token(_ key: Key) -> Secret? {
        guard isPrivateDirectory else { return nil }
        let options: FileDescriptor.OpenOptions = [.noFollow, .nonBlocking, .closeOnExec]
        guard let file = try? FileDescriptor.open(path(key), .readOnly, options: options) else { return nil }
        defer { try? file.close() }
        guard let stat = try? file.stat(), stat.type == .regular, isPrivate(stat, [.ownerReadWrite]), stat.size < 65536
        else { return nil }
        guard let bytes = try? file.readToEnd(), let token = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let isText = !token.isEmpty && token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        return isText ? Secret(token) : nil
    }

    /// Keeps a token, in place of an older one and all at once.
    func store(_ token: Secret, _ key: Key) {
        guard makeDirectory() else { return }
        let new = path(key, suffix: ".\(getpid())-\(UInt32.random(in: 0 ... .max))")
        do {
            let file = try FileDescriptor.open(
                new,
                .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite
            )
            try file.closeAfter { try file.write(all: Array(token.revealed.utf8)) }
            try new.rename(to: path(key))
        } catch {
            try? new.remove()
        }
    }

    /// Forgets a token that was refused, unless another process has replaced it.
    func drop(_ refused: Secret, _ key: Key) {
        if token(key) == refused {
            try? path(key).remove()
        }
    }

    /// Runs `body` while no other process that asks for the same token does, so that one of many asks etcd, and the others find what
    /// it got; does not wait longer than `patience` for the others.
    func exclusively<Result>(
        _ key: Key,
        patience: Deadline,
        _ body: () throws(EtcdError) -> Result
    ) throws(EtcdError) -> Result {
        guard makeDirectory() else { return try body() }
        return try FileLock.exclusively(path(key, suffix: ".lock"), patience: patience) { _ throws(EtcdError) in
            try body()
        }
    }

    private func path(_ key: Key, suffix: String = "") -> FilePath {
        FilePath(directory).appending(key.name + suffix)
    }

    private func makeDirectory() -> Bool {
        try? FilePath(directory).makeDirectories()
        return isPrivateDirectory
    }

    /// Why the directory is not used, as the rest of a sentence; nil when it is, or can be made.
    ///
    /// Tokens are asked for anew then, which costs etcd's time and is no error.
    public var obstacle: String? {
        guard let stat = try? FilePath(directory).stat(followTargetSymlink: false) else {
            return makeDirectory() ? nil : "can't be made"
        }
        guard stat.type == .directory else { return "is no directory" }
        return isPrivateDirectory ? nil : "must belong to this process's user alone, with mode 0700"
    }

    private var isPrivateDirectory: Bool {
        guard let stat = try? FilePath(directory).stat(followTargetSymlink: false) else { return false }
        return stat.type == .directory && isPrivate(stat, [.ownerReadWriteExecute])
    }

    private func isPrivate(_ stat: Stat, _ permissions: FilePermissions) -> Bool {
        stat.userID.rawValue == geteuid() && stat.permissions == permissions
    }
}
