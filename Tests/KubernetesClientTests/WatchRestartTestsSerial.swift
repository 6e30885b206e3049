import EtcdClient
import EtcdLab
import JSON
import KubernetesClient
import KubernetesLab
import Testing

/// Watches and lists of a server that goes and comes back, or that forgets.
@Suite(.timeLimit(.minutes(10))) struct WatchRestartTests {
    /// A server of its own with a client.
    private struct Lone {
        let server: APIServer
        let client: KubernetesClient
        let pools: APIRequest

        init(_ arguments: String...) throws {
            server = try APIServer(arguments: arguments)
            let namespace = try server.makeNamespace()
            client = try KubernetesClient(.kubeconfig(path: server.kubeconfig(namespace: namespace)))
            pools = APIRequest(.list, KubernetesClientTests.pools, namespace: namespace)
        }

        func create(_ name: String) throws {
            let pool = KubernetesClientTests.pool(name, namespace: pools.namespace ?? "")
            let request = APIRequest(.create(pool), pools.resource, namespace: pools.namespace)
            #expect(try client.send(request, deadline: .far).object != nil)
        }

        /// The names of all pools, and the version of the list.
        func list() throws -> (names: [String], version: String) {
            var names: [String] = []
            let version = try client.list(pools, pageSize: 2, deadline: .far) { page in
                names = (page.isFirst ? [] : names) + page.names
                return true
            }
            return (names, try #require(version))
        }

        /// Has the etcd forget everything but what there is now.
        func compact() throws {
            let etcd = try server.etcd.client()
            let revision = try #require(etcd.put(PutRequest(Key("/test/compaction"), [0]), deadline: .far).header)
                .revision
            try etcd.compact(revision: revision, physical: true, deadline: .far)
        }
    }

    @Test func watchGoesOnWithTheServerThatCameBack() throws {
        // Without its cache a server knows all versions that the etcd has.
        let lone = try Lone("--watch-cache=false")
        try lone.create("a")
        let watch = try lone.client.watch(lone.pools, from: lone.list().version)
        try lone.create("b")
        #expect(try watch.events(1) == ["ADDED b"])
        lone.server.stop()
        guard case .ended(let error?)? = try watch.next(deadline: .far) else {
            Issue.record("it goes on")
            return
        }
        #expect(error.isUnavailability, "\(error)")
        let absence = try #require(throws: KubernetesError.self) { try watch.next(deadline: .after(.seconds(1))) }
        #expect(absence.code == .unreachable)
        try lone.server.start()
        try lone.create("c")
        try lone.create("d")
        #expect(try watch.events(2) == ["ADDED c", "ADDED d"])
    }

    @Test func listAndWatchAgainAfterARestart() throws {
        let lone = try Lone()
        try lone.create("a")
        let watch = try lone.client.watch(lone.pools, from: lone.list().version)
        #expect(try watch.next(deadline: .after(.milliseconds(100))) == nil)
        lone.server.stop()
        try lone.server.start()
        try lone.create("b")
        // Its cache begins where the server did, which is behind the watch: either it has the version yet, or says that it has not.
        var known = ["a"]
        var tells = watch
        while !known.contains("b") {
            switch try tells.next(deadline: .far) {
            case .event(let event) where event.kind == .added: known.append("b")
            case .expired:
                let list = try lone.list()
                known = list.names
                tells = lone.client.watch(lone.pools, from: list.version)
            case .event, .ended, nil: continue
            }
        }
        #expect(known == ["a", "b"])
        try lone.create("c")
        while true {
            if case .event(let event)? = try tells.next(deadline: .far), event.text == "ADDED c" { break }
        }
    }

    @Test func versionThatWasCompactedIsExpired() throws {
        let lone = try Lone("--watch-cache=false")
        try lone.create("a")
        let version = try lone.list().version
        try lone.create("b")
        try lone.compact()
        let watch = lone.client.watch(lone.pools, from: version)
        #expect(try watch.next(deadline: .far) == .expired)
        #expect(try watch.next(deadline: .far) == .expired)
        let list = try lone.list()
        #expect(list.names == ["a", "b"])
        let next = lone.client.watch(lone.pools, from: list.version)
        try lone.create("c")
        #expect(try next.events(1) == ["ADDED c"])
    }

    @Test func listWhoseRestWasCompactedBeginsAnew() throws {
        let lone = try Lone()
        for name in ["a", "b", "c", "d", "e"] {
            try lone.create(name)
        }
        var pages: [[String]] = []
        var isFirst: [Bool] = []
        var failure: (any Error)?
        let version = try lone.client.list(lone.pools, pageSize: 2, deadline: .far) { page in
            pages.append(page.names)
            isFirst.append(page.isFirst)
            if pages.count == 2 {
                do {
                    try lone.compact()
                } catch {
                    failure = error
                }
            }
            return true
        }
        #expect(failure == nil)
        #expect(version != nil)
        #expect(pages == [["a", "b"], ["c", "d"], ["a", "b"], ["c", "d"], ["e"]])
        #expect(isFirst == [true, false, true, false, false])
    }
}

extension APIPage {
    /// The names of the objects.
    var names: [String] {
        items.compactMap { item in
            guard case .string(let name)? = item.member("metadata")?.member("name") else { return nil }
            return name
        }
    }
}
