import EtcdLab
import Foundation
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import EtcdClient

/// Tokens that are kept in files: when one is used, when it is not trusted, and that nothing depends on it.
@Suite(.timeLimit(.minutes(15))) struct TokenCacheTests {
    private static let user = EtcdUser("whereabouts", password: "sesame", access: .readWrite(prefix: "w/"))
    private static let other = EtcdUser("other", password: "sesame", access: .readWrite(prefix: "w/"))

    private let scratch: ScratchDirectory
    private let cache: TokenCache
    private var directory: String { cache.directory }

    init() throws {
        scratch = try ScratchDirectory("token-cache")
        // Below one that does not exist yet, as on a host that has just started.
        cache = TokenCache(directory: scratch.path("whereabouts/etcd-tokens"))
    }

    // MARK: - With an etcd

    private func server() throws -> EtcdServer {
        let server = try EtcdServer()
        try server.enableAuthentication(Self.user, Self.other)
        return server
    }

    private func configuration(_ server: EtcdServer, as user: EtcdUser = user) throws -> EtcdConfiguration {
        var configuration = try EtcdConfiguration.user(user.name, user.password ?? "", at: server.endpoint)
        configuration.tokenCache = cache
        return configuration
    }

    /// How many tokens etcd is asked for by a new client that reads and writes.
    private func requests(_ server: EtcdServer, _ configuration: EtcdConfiguration) throws -> Int {
        let before = try server.startedCalls("Authenticate", of: "Auth")
        let client = try EtcdClient(configuration)
        try client.put("w/key", "value")
        #expect(try client.text("w/key") == "value")
        return try server.startedCalls("Authenticate", of: "Auth") - before
    }

    private func requests(_ server: EtcdServer) throws -> Int {
        try requests(server, configuration(server))
    }

    /// The names of the files that hold tokens.
    private func tokenFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasSuffix(".lock") }.sorted()
    }

    @Test func tokenFromTheFutureIsReplaced() throws {
        let server = try server()
        var configuration = try configuration(server)
        // Long enough for a connection on a busy machine: a write that was not sent is repeated without an error.
        configuration.requestTimeout = .seconds(3)
        configuration.retryTimeout = .seconds(3)
        #expect(try requests(server, configuration) == 1)
        let key = TokenCache.Key(endpoints: configuration.endpoints, user: try #require(configuration.user))
        // Such a one is left when the cluster was restored from a snapshot: etcd waits for its revision without an answer.
        let future = Secret("AAAAAAAAAAAAAAAA.99999999")

        cache.store(future, key)
        #expect(try EtcdClient(configuration).text("w/key") == "value")
        #expect(cache.token(key) != nil && cache.token(key) != future)

        cache.store(future, key)
        let watcher = try Watcher(configuration)
        try watcher.created(watcher.add(WatchRequest(.single("w/key"))))
        #expect(cache.token(key) != future)

        cache.store(future, key)
        let writer = try EtcdClient(configuration)
        let error = try #require(throws: EtcdError.self) { try writer.put("w/key", "new") }
        #expect(error.code == .outcomeUnknown)
        try writer.put("w/key", "newer")
        #expect(try writer.text("w/key") == "newer")
    }

    @Test func unusableDirectoryIsExplained() throws {
        #expect(cache.obstacle == nil)
        #expect(TokenCache(directory: "/proc/tokens").obstacle == "can't be made")
        #expect(TokenCache(directory: "/dev/null").obstacle == "is no directory")
        #expect(TokenCache(directory: "/").obstacle?.contains("0700") == true)
    }

    @Test func secondClientAsksForNoToken() throws {
        let server = try server()
        #expect(try requests(server) == 1)
        #expect(try requests(server) == 0)
        #expect(try requests(server) == 0)
        let files = try tokenFiles()
        #expect(files.count == 1)
        let file = try FilePath("\(directory)/\(files[0])").stat()
        #expect(file.permissions == .ownerReadWrite)
        #expect(try FilePath(directory).stat().permissions == .ownerReadWriteExecute)
        // The name tells nothing.
        #expect(files[0].allSatisfy { $0.isHexDigit })

        var without = try configuration(server)
        without.tokenCache = nil
        #expect(try requests(server, without) == 1)
        #expect(try requests(server, without) == 1)
        #expect(try tokenFiles() == files)
    }

    @Test func streamsUseTheCacheToo() throws {
        let server = try server()
        #expect(try requests(server) == 1)
        let before = try server.startedCalls("Authenticate", of: "Auth")
        let watcher = try Watcher(configuration(server))
        let id = watcher.add(WatchRequest(.single("w/key"), startRevision: 1))
        try watcher.created(id)
        #expect(try watcher.events(1, of: id).map(\.text) == ["value"])
        #expect(try server.startedCalls("Authenticate", of: "Auth") == before)
    }

    @Test func eachUserHasItsOwnToken() throws {
        let server = try server()
        #expect(try requests(server) == 1)
        #expect(try requests(server, configuration(server, as: Self.other)) == 1)
        #expect(try requests(server) == 0)
        #expect(try requests(server, configuration(server, as: Self.other)) == 0)
        #expect(try tokenFiles().count == 2)
        // A wrong password finds no token of the right one, and leaves none.
        var wrong = try configuration(server)
        wrong.user = UserCredentials(name: Self.user.name, password: Secret("wrong"))
        let error = try #require(throws: EtcdError.self) { try EtcdClient(wrong).get("w/key", deadline: .far) }
        #expect(error.code == .server(.authenticationFailed))
        #expect(try tokenFiles().count == 2)
    }

    @Test func etcdWithoutAuthenticationLeavesNoToken() throws {
        let server = try EtcdServer()
        #expect(try requests(server) == 1)
        #expect(try requests(server) == 1)
        #expect(try tokenFiles().isEmpty)
    }

    @Test func refusedTokenIsReplaced() throws {
        let server = try server()
        #expect(try requests(server) == 1)
        let files = try tokenFiles()
        #expect(try requests(server) == 0)
        try "made.up".write(toFile: "\(directory)/\(files[0])", atomically: false, encoding: .utf8)
        #expect(try requests(server) == 1)
        #expect(try tokenFiles() == files)
        #expect(try requests(server) == 0)
    }

    /// What makes a good file one that is not trusted, as a shell script on `$1`.
    struct Harm: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let script: String
        /// Whether a good one takes its place.
        var isReplaced = true
        var needsRoot = false
    }

    static let harms = [
        Harm(testDescription: "others may read it", script: "chmod 0644 $1"),
        Harm(testDescription: "its group may read it", script: "chmod 0640 $1"),
        Harm(testDescription: "others may write it", script: "chmod 0602 $1"),
        Harm(testDescription: "it is set-user-ID", script: "chmod 4600 $1"),
        Harm(testDescription: "it is another user's", script: "chown 65534 $1", needsRoot: true),
        Harm(testDescription: "it is a symbolic link", script: "mv $1 $1.moved && ln -s $1.moved $1"),
        Harm(testDescription: "it is a symbolic link to nothing", script: "rm $1 && ln -s $1.moved $1"),
        Harm(testDescription: "it is a FIFO", script: "rm $1 && mkfifo -m 0600 $1"),
        Harm(testDescription: "it is a directory", script: "rm $1 && mkdir $1 && touch $1/x", isReplaced: false),
        Harm(testDescription: "it is too large", script: "head -c 65536 /dev/zero | tr '\\0' x >$1"),
        Harm(testDescription: "it is empty", script: ": >$1"),
        Harm(testDescription: "it ends with a line feed", script: "echo >>$1"),
        Harm(testDescription: "it holds a NUL", script: "printf '\\000' >>$1"),
        Harm(testDescription: "it holds a blank", script: "printf ' ' >>$1"),
        Harm(testDescription: "it holds a letter that is not ASCII", script: "printf '\\303\\244' >>$1"),
        Harm(testDescription: "it is not UTF-8", script: "printf '\\377' >>$1"),
        Harm(testDescription: "it is missing", script: "rm $1"),
        Harm(
            testDescription: "others may enter the directory",
            script: "chmod 0755 $(dirname $1)",
            isReplaced: false
        ),
        Harm(
            testDescription: "others may write to the directory",
            script: "chmod 1777 $(dirname $1)",
            isReplaced: false
        ),
        Harm(
            testDescription: "the directory is another user's",
            script: "chown 65534 $(dirname $1)",
            isReplaced: false,
            needsRoot: true
        ),
        Harm(
            testDescription: "the directory is a symbolic link",
            script: "d=$(dirname $1); mv $d $d.moved && ln -s $d.moved $d",
            isReplaced: false
        ),
        Harm(
            testDescription: "the directory is a symbolic link to nothing",
            script: "d=$(dirname $1); mv $d $d.moved && ln -s nothing $d",
            isReplaced: false
        ),
        Harm(
            testDescription: "the directory is a file",
            script: "d=$(dirname $1); mv $d $d.moved && touch $d",
            isReplaced: false
        ),
    ]

    @Test func fileThatCanNotBeTrustedIsNotUsed() throws {
        let server = try server()
        for harm in Self.harms where Host.isRoot || !harm.needsRoot {
            try RunningProcess.run("sh", "-c", "rm -rf $1 $1.moved", "sh", directory)
            #expect(try requests(server) == 1, "\(harm)")
            let path = try "\(directory)/\(#require(tokenFiles().first))"
            try RunningProcess.run("sh", "-ec", harm.script, "sh", path)
            let key = try key(server.endpoint, Self.user.name, "sesame")
            #expect(cache.token(key) == nil, "\(harm)")
            // The token in it would do: only one that is not looked at makes the client ask.
            #expect(try requests(server) == 1, "\(harm)")
            #expect(try requests(server) == (harm.isReplaced ? 0 : 1), "\(harm)")
            guard harm.isReplaced else { continue }
            let file = try FilePath(path).stat(followTargetSymlink: false)
            #expect(file.type == .regular && file.permissions == .ownerReadWrite, "\(harm)")
            #expect(file.userID.rawValue == geteuid(), "\(harm)")
        }
    }

    @Test(arguments: ["/dev/null/tokens", "/proc/tokens", "/proc/self/tokens/a"])
    func directoryThatCanNotBeMadeIsDoneWithout(directory: String) throws {
        let server = try server()
        var configuration = try configuration(server)
        configuration.tokenCache = TokenCache(directory: directory)
        #expect(try requests(server, configuration) == 1)
        #expect(try requests(server, configuration) == 1)
    }

    @Test(.enabled(if: Host.isRoot, "a file that not even root may change needs root"))
    func directoryThatCanNotBeWrittenIsDoneWithout() throws {
        let server = try server()
        #expect(try requests(server) == 1)
        try RunningProcess.run("rm", "\(directory)/\(#require(tokenFiles().first))")
        // As root, only a file system that is read only keeps from writing.
        try RunningProcess.run("mount", "--bind", directory, directory)
        defer { _ = try? RunningProcess.run("umount", "--lazy", directory) }
        try RunningProcess.run("mount", "-o", "remount,bind,ro", directory)
        #expect(try requests(server) == 1)
        #expect(try requests(server) == 1)
        #expect(try tokenFiles().isEmpty)
    }

    @Test func manyClientsAtOnceAskForOneToken() throws {
        let server = try server()
        let before = try server.startedCalls("Authenticate", of: "Auth")
        let configuration = try configuration(server)
        let begin = Deadline.now
        let calls = (0..<12).map { number in
            BackgroundCall { try EtcdClient(configuration).put(Key("w/\(number)"), "value") }
        }
        for call in calls {
            _ = try call.value()
        }
        let count = try server.startedCalls("Authenticate", of: "Auth") - before
        // Who has waited for a second asks by himself.
        #expect(count == 1 || Deadline.now.duration(since: begin) >= .seconds(1), "\(count) requests")
        #expect(try tokenFiles().count == 1)
        #expect(try requests(server) == 0)
    }

    // MARK: - Files alone

    private func key(_ endpoints: String = "a:1", _ user: String = "user", _ password: String = "password") throws
        -> TokenCache.Key
    {
        TokenCache.Key(
            endpoints: try Endpoint.list(endpoints),
            user: UserCredentials(name: user, password: Secret(password))
        )
    }

    @Test func endpointsUserAndPasswordTellTokensApart() throws {
        let keys = try [
            key(), key("a:2"), key("a:1,a:2"), key("https://a:1"), key("a:1", "User"), key("a:1", "user", "Password"),
            key("a:1", "user\npassword", ""), key("a:1", "us", "er\npassword"), key("a:1", "", "user"),
        ]
        for (number, key) in keys.enumerated() {
            #expect(cache.token(key) == nil)
            cache.store(Secret("token-\(number)"), key)
        }
        let found = keys.map { cache.token($0)?.revealed }
        #expect(found == keys.indices.map { "token-\($0)" })
        #expect(try tokenFiles().count == keys.count)
        // The order of the endpoints is no difference.
        #expect(try cache.token(key("a:2,a:1"))?.revealed == "token-2")
    }

    @Test func onlyTheTokenThatWasRefusedIsDropped() throws {
        let key = try key()
        cache.store(Secret("new"), key)
        cache.drop(Secret("old"), key)
        #expect(cache.token(key)?.revealed == "new")
        cache.drop(Secret("new"), key)
        #expect(cache.token(key) == nil)
        cache.drop(Secret("new"), key)
        #expect(try tokenFiles().isEmpty)
    }

    @Test func readersSeeOneTokenOrTheOther() throws {
        let (cache, key) = (cache, try key())
        // Of different lengths, so that half of one is none of them.
        let tokens = (1...8).map { Secret(String(repeating: "\($0)", count: $0 * 4000)) }
        cache.store(tokens[0], key)
        let readers = (0..<2).map { _ in
            BackgroundCall { (0..<3000).count { _ in !tokens.contains(cache.token(key) ?? Secret("")) } }
        }
        let writers = (0..<3).map { writer in
            BackgroundCall {
                for number in 0..<400 {
                    cache.store(tokens[(number + writer) % tokens.count], key)
                }
            }
        }
        for writer in writers { try writer.value() }
        for reader in readers { #expect(try reader.value() == 0) }
        // No half of a file is left.
        #expect(try tokenFiles() == [key.name])
    }

    @Test(.timeLimit(.minutes(15))) func lockThatIsAPipeHoldsNobodyUp() throws {
        let key = try key()
        cache.store(Secret("token"), key)
        try RunningProcess.run("mkfifo", "-m", "0600", "\(directory)/\(key.name).lock")
        #expect(try cache.exclusively(key, patience: .after(.seconds(1))) { () throws(EtcdError) in 1 } == 1)
    }

    @Test func onlyOneAtATimeUnlessPatienceEnds() throws {
        let (cache, key) = (cache, try key())
        let inside = Mutex((now: 0, most: 0))
        let calls = (0..<6).map { _ in
            BackgroundCall {
                try cache.exclusively(key, patience: .far) { () throws(EtcdError) in
                    inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                    usleep(5000)
                    inside.withLock { $0.now -= 1 }
                }
            }
        }
        for call in calls { try call.value() }
        #expect(inside.withLock(\.most) == 1)
        // One that holds it for good does not stop the others.
        try cache.exclusively(key, patience: .far) { () throws(EtcdError) in
            let other = try? cache.exclusively(key, patience: .after(.milliseconds(20))) { () throws(EtcdError) in 1 }
            #expect(other == 1)
        }
    }

    /// Processes that come while another one makes the directory do not trust it unless it is private already.
    @Test func directoryIsPrivateFromItsFirstMoment() throws {
        let key = try key()
        let modes = try (0..<500).map { round in
            let directory = FilePath(scratch.path("\(round)/tokens"))
            let observer = BackgroundCall {
                while true {
                    if let stat = try? directory.stat(followTargetSymlink: false) { return stat.permissions }
                }
            }
            TokenCache(directory: directory.string).store(Secret("token"), key)
            return try observer.value()
        }
        #expect(modes.allSatisfy { $0 == .ownerReadWriteExecute })
    }
}
