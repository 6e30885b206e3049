import EtcdClient
import EtcdLab
import Foundation
import JSON
import KubernetesClient
import KubernetesLab
import TestSupport
import Testing

/// What a watch tells of a server that does as it should.
@Suite(.timeLimit(.minutes(10))) struct WatchTests {
    @Test func eventsComeInOrder() throws {
        let client = try APIClient()
        try client.create("before")
        let watch = try client.watch()
        // One connection has the watch and the requests beside it.
        #expect(try watch.isQuiet())
        try client.create("a")
        try client.label("a", "x")
        try client.create("b")
        try client.send(.delete(uid: nil, resourceVersion: nil), "a")
        #expect(try watch.events(3) == ["ADDED a", "MODIFIED a", "ADDED b"])
        guard case .event(let event)? = try watch.next(deadline: .far) else {
            Issue.record("no event")
            return
        }
        #expect(event.text == "DELETED a")
        #expect(event.object.member("metadata")?.member("labels")?.member("word") == .string("x"))
        #expect(watch.resourceVersion == event.resourceVersion)
        #expect(try watch.isQuiet())
    }

    @Test func silenceEndsWithTheDeadline() throws {
        let client = try APIClient()
        let watch = try client.watch()
        for _ in 0..<5 {
            let begin = Deadline.now
            #expect(try watch.next(deadline: .after(.milliseconds(300))) == nil)
            let time = Deadline.now.duration(since: begin)
            // The system waits in whole milliseconds.
            #expect(time >= .milliseconds(299) && time < .seconds(10), "\(time)")
        }
        try client.create("a")
        #expect(try watch.events(1) == ["ADDED a"])
    }

    @Test func streamsFollowEachOtherWithoutLossOrRepetition() throws {
        let client = try APIClient()
        let watch = try client.watch(streamTimeout: .seconds(1))
        var events: [String] = []
        var ends = 0
        var number = 0
        let deadline = Deadline.far
        while events.count < 40 || ends < 2, !deadline.hasPassed {
            if number < 40 {
                try client.create("p\(number)")
                number += 1
                Thread.sleep(forTimeInterval: 0.05)
            }
            switch try watch.next(deadline: .after(.milliseconds(100))) {
            case .event(let event) where event.kind != .bookmark: events.append(event.text)
            case .ended(let error):
                #expect(error == nil)
                ends += 1
            case .expired:
                Issue.record("expired")
                return
            case .event, nil: continue
            }
        }
        #expect(events == (0..<40).map { "ADDED p\($0)" })
        #expect(ends >= 2)
        // So does another watch.
        try client.create("later")
        let next = client.client.watch(client.pools, from: watch.resourceVersion)
        #expect(try next.events(1) == ["ADDED later"])
    }

    @Test func connectionsThatAreCutLoseNothing() throws {
        let proxy = try TCPProxy(to: SharedAPIServer.server().port)
        let watching = try APIClient(port: proxy.port)
        let writing = try KubernetesClient(.kubeconfig(path: watching.server.kubeconfig(namespace: watching.namespace)))
        let watch = try watching.watch()
        var events: [String] = []
        for number in 0..<60 {
            let pool = KubernetesClientTests.pool("p\(number)", namespace: watching.namespace)
            let request = APIRequest(.create(pool), KubernetesClientTests.pools, namespace: watching.namespace)
            #expect(try writing.send(request, deadline: .far).object != nil)
            if number.isMultiple(of: 7) { events += try watch.events(number + 1 - events.count) }
            if number.isMultiple(of: 5) { proxy.cut(then: .forward) }
        }
        events += try watch.events(60 - events.count)
        #expect(events == (0..<60).map { "ADDED p\($0)" })
        #expect(proxy.acceptedCount > 5)
    }

    @Test func thousandsOfEvents() throws {
        let client = try APIClient()
        let watch = try client.watch()
        #expect(try watch.isQuiet())
        try client.create("p")
        for number in 1..<3000 {
            try client.label("p", "v\(number)")
        }
        let begin = Deadline.now
        let events = try watch.events(3000)
        let time = Deadline.now.duration(since: begin)
        #expect(events == ["ADDED p"] + Array(repeating: "MODIFIED p", count: 2999))
        #expect(time < .seconds(30), "\(time)")
        #expect(try watch.isQuiet())
    }

    @Test func bookmarkMovesTheVersion() throws {
        let client = try APIClient()
        let watch = try client.watch(streamTimeout: .seconds(8))
        let version = watch.resourceVersion
        #expect(try watch.isQuiet())
        // What happens to objects of the kind elsewhere is not told.
        try APIClient().create("elsewhere")
        // A server sends one two seconds before it ends the stream.
        guard case .event(let event)? = try watch.next(deadline: .far) else {
            Issue.record("no event")
            return
        }
        #expect(event.kind == .bookmark)
        #expect(event.resourceVersion != version)
        #expect(watch.resourceVersion == event.resourceVersion)
    }

    @Test func objectsThatDoNotMatchAreNotTold() throws {
        let client = try APIClient()
        let labelled = APIRequest(
            .list,
            KubernetesClientTests.pools,
            namespace: client.namespace,
            query: ["labelSelector": "word in (x,y)"]
        )
        let named = APIRequest(
            .list,
            KubernetesClientTests.pools,
            namespace: client.namespace,
            query: ["fieldSelector": "metadata.name=b"]
        )
        let version = try client.version()
        try client.create("a")
        try client.create("b")
        for word in ["x", "z", "y"] {
            try client.label("a", word)
        }
        let labels = client.client.watch(labelled, from: version)
        #expect(try labels.events(3) == ["ADDED a", "DELETED a", "ADDED a"])
        let names = client.client.watch(named, from: version)
        #expect(try names.events(1) == ["ADDED b"])
        // Both have a stream, on one connection.
        try client.label("a", "x")
        try client.label("b", "x")
        #expect(try names.events(1) == ["MODIFIED b"])
        #expect(try labels.events(2) == ["MODIFIED a", "ADDED b"])
    }

    @Test func allNamespacesAreOneList() throws {
        let client = try APIClient()
        let other = try APIClient()
        let version = try client.version()
        let all = APIRequest(
            .list,
            KubernetesClientTests.pools,
            namespace: nil,
            query: ["fieldSelector": "metadata.name=\(client.namespace)"]
        )
        let watch = client.client.watch(all, from: version)
        try client.create(client.namespace)
        try other.create(client.namespace)
        #expect(try watch.events(2) == Array(repeating: "ADDED \(client.namespace)", count: 2))
    }

    @Test func metadataAlone() throws {
        let client = try APIClient()
        let list = APIRequest(
            .list,
            KubernetesClientTests.pools,
            namespace: client.namespace,
            isMetadataOnly: true
        )
        try client.create("a")
        var items: [JSONValue] = []
        let version = try client.client.list(list, deadline: .far) { page in
            items += page.items
            return true
        }
        let watch = try client.client.watch(list, from: #require(version))
        try client.create("b")
        guard case .event(let event)? = try watch.next(deadline: .far) else {
            Issue.record("no event")
            return
        }
        let get = APIRequest(
            .get,
            KubernetesClientTests.pools,
            namespace: client.namespace,
            name: "a",
            isMetadataOnly: true
        )
        let object = try #require(client.client.send(get, deadline: .far).object)
        for (object, name) in try [(#require(items.first), "a"), (event.object, "b"), (object, "a")] {
            #expect(object.member("kind") == .string("PartialObjectMetadata"))
            #expect(object.member("metadata")?.member("name") == .string(name))
            #expect(object.member("spec") == nil)
        }
    }

    @Test func forbiddenWatchIsNamedWithTheRole() throws {
        let server = try SharedAPIServer.server()
        let namespace = try server.makeNamespace()
        let token = try server.serviceAccountToken("watching", namespace: namespace)
        let client = try APIClient(user: #""token": "\#(token)""#)
        let watch = client.client.watch(client.pools, from: "1")
        for _ in 0..<2 {
            let error = try #require(throws: KubernetesError.self) { try watch.next(deadline: .far) }
            #expect(error.code == .forbidden)
            #expect(error.message.contains("does not permit to watch ippools.whereabouts.cni.cncf.io"), "\(error)")
            #expect(error.advice?.contains("the verb watch on the resource ippools") == true, "\(error)")
        }
    }

    @Test func unknownKindIsMissing() throws {
        let client = try APIClient()
        let puddles = APIResource(group: "whereabouts.cni.cncf.io", version: "v1alpha1", plural: "puddles")
        let watch = client.client.watch(APIRequest(.list, puddles, namespace: nil), from: "1")
        let error = try #require(throws: KubernetesError.self) { try watch.next(deadline: .far) }
        #expect(error.code == .missingResource)
    }

    @Test func onlyListsAreWatched() throws {
        let client = try APIClient()
        let object = APIRequest(.list, KubernetesClientTests.pools, namespace: client.namespace, name: "p")
        let watch = client.client.watch(object, from: "1")
        let error = try #require(throws: KubernetesError.self) { try watch.next(deadline: .far) }
        #expect(error.code == .invalidConfiguration)
    }
}
