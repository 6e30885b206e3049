import EtcdClient
import EtcdLab
import JSON
import KubernetesClient
import KubernetesLab
import Testing

/// What the server answers, and what it means.
@Suite(.timeLimit(.minutes(10))) struct APIAnswerTests {
    @Test func unknownKindIsMissing() throws {
        let client = try APIClient()
        for resource in [
            APIResource(group: "whereabouts.cni.k8s.io", version: "v1alpha1", plural: "ippools"),
            APIResource(group: "whereabouts.cni.cncf.io", version: "v9", plural: "ippools"),
            APIResource(group: "whereabouts.cni.cncf.io", version: "v1alpha1", plural: "puddles"),
        ] {
            let object = JSONValue.object([
                "apiVersion": .string(resource.apiVersion), "kind": .string("IPPool"),
                "metadata": .object(["name": .string("p")]),
            ])
            for (verb, name) in [
                (APIRequest.Verb.get, "p"), (.list, nil), (.create(object), nil), (.patch(.array([])), "p"),
                (.delete(uid: nil, resourceVersion: nil), "p"),
            ] {
                let request = APIRequest(verb, resource, namespace: client.namespace, name: name)
                let error = try #require(throws: KubernetesError.self) {
                    try client.client.send(request, deadline: .far)
                }
                #expect(error.code == .missingResource)
                #expect(
                    error.message.contains("does not know \(resource.plural) of \(resource.apiVersion)"),
                    "\(error)"
                )
                #expect(error.advice?.contains("CustomResourceDefinitions") == true)
            }
        }
    }

    @Test func missingObjectsAndNamespaces() throws {
        let client = try APIClient()
        #expect(try client.send(.get, "p") == .missing)
        #expect(try client.send(.patch(.array([])), "p") == .missing)
        #expect(try client.send(.delete(uid: nil, resourceVersion: nil), "p") == .missing)
        let nowhere = APIRequest(
            .create(KubernetesClientTests.pool("p", namespace: "nowhere")),
            KubernetesClientTests.pools,
            namespace: "nowhere"
        )
        #expect(try client.client.send(nowhere, deadline: .far) == .missing)
    }

    @Test func forbiddenRequestIsNamedWithTheRole() throws {
        let server = try SharedAPIServer.server()
        let namespace = try server.makeNamespace()
        let token = try server.serviceAccountToken("asking", namespace: namespace)
        let client = try APIClient(user: #""token": "\#(token)""#)
        for (verb, name, word) in [
            (APIRequest.Verb.get, "p", "get"), (.list, nil, "list"),
            (.create(KubernetesClientTests.pool("p", namespace: client.namespace)), nil, "create"),
            (.update(KubernetesClientTests.pool("p", namespace: client.namespace)), "p", "update"),
            (.patch(.array([])), "p", "patch"), (.delete(uid: nil, resourceVersion: nil), "p", "delete"),
        ] {
            let error = try #require(throws: KubernetesError.self) { try client.send(verb, name) }
            #expect(error.code == .forbidden)
            let advice = try #require(error.advice)
            for part in [
                "the verb \(word) on the resource ippools", #"the API group "whereabouts.cni.cncf.io""#,
                "in namespace \(client.namespace)",
            ] {
                #expect(advice.contains(part), "\(advice)")
            }
            #expect(error.message.contains("does not permit to \(word) ippools.whereabouts.cni.cncf.io"), "\(error)")
            #expect(error.message.contains("system:serviceaccount:\(namespace):asking"), "\(error)")
            #expect(!error.description.contains(token))
        }
    }

    @Test func objectThatTheSchemaDoesNotAllow() throws {
        let client = try APIClient()
        var pool = KubernetesClientTests.pool("p", namespace: client.namespace)
        guard case .object(var members) = pool else { return }
        members["spec"] = .object(["range": .string("10.0.0.0/24"), "allocations": .object(["1": .string("x")])])
        pool = .object(members)
        guard case .unprocessable(let words) = try client.send(.create(pool)) else {
            Issue.record("it was created")
            return
        }
        #expect(words.contains("spec.allocations.1"), "\(words)")
        #expect(try client.create("p").object != nil)
        let wrong: JSONValue = .array([
            .object(["op": .string("replace"), "path": .string("/spec/range"), "value": .bool(true)])
        ])
        guard case .unprocessable = try client.send(.patch(wrong), "p") else {
            Issue.record("it was changed")
            return
        }
    }

    @Test func requestThatIsNoneIsRefused() throws {
        let client = try APIClient()
        let error = try #require(throws: KubernetesError.self) { try client.send(.create(.object([:]))) }
        #expect(error.code == .refused(status: 400))
        #expect(error.message.contains("refuses to create ippools"), "\(error)")
        #expect(!error.isUnavailability && !error.isOfServer)
    }

    @Test func deletionIsOfTheObjectThatIsMeant() throws {
        let client = try APIClient()
        let made = try #require(try client.create("p").object)
        guard case .string(let uid)? = made.member("metadata")?.member("uid") else {
            Issue.record("no uid")
            return
        }
        #expect(try client.send(.delete(uid: uid, resourceVersion: "1"), "p") == .conflict)
        #expect(try client.send(.delete(uid: uid, resourceVersion: nil), "p").object != nil)
        #expect(try client.send(.get, "p") == .missing)
    }

    @Test func listComesInPages() throws {
        let client = try APIClient()
        for number in 0..<7 {
            try client.create("p\(number)")
        }
        var pages: [APIPage] = []
        let version = try client.client.list(client.pools, pageSize: 3, deadline: .far) { page in
            pages.append(page)
            return true
        }
        #expect(version != nil)
        #expect(pages.map(\.names) == [["p0", "p1", "p2"], ["p3", "p4", "p5"], ["p6"]])
        #expect(pages.map(\.isFirst) == [true, false, false])
        pages = []
        let none = try client.client.list(client.pools, pageSize: 3, deadline: .far) { page in
            pages.append(page)
            return pages.count < 2
        }
        #expect(none == nil)
        #expect(pages.count == 2)
    }

    @Test func listOfNothingHasAVersion() throws {
        let client = try APIClient()
        var pages: [APIPage] = []
        let version = try client.client.list(client.pools, deadline: .far) { page in
            pages.append(page)
            return true
        }
        #expect(version?.isEmpty == false)
        #expect(pages.map(\.isFirst) == [true])
    }

    @Test func updateIsOfTheVersionThatWasRead() throws {
        let client = try APIClient()
        #expect(try client.send(.update(KubernetesClientTests.pool("p", namespace: client.namespace)), "p") == .missing)
        let made = try #require(try client.create("p").object)
        guard case .object(var members) = made, case .object(var metadata)? = members["metadata"] else { return }
        metadata["annotations"] = .object(["word": .string("x")])
        members["metadata"] = .object(metadata)
        let changed = try #require(try client.send(.update(.object(members)), "p").object)
        #expect(changed.member("metadata")?.member("annotations")?.member("word") == .string("x"))
        // Somebody else was faster.
        #expect(try client.send(.update(made), "p") == .conflict)
        let error = try #require(throws: KubernetesError.self) { try client.send(.update(made)) }
        #expect(error.code == .invalidConfiguration)
    }

    @Test(arguments: ["", ".", "..", "a/b", "a%2Fb", "../../../../api/v1/nodes"])
    func namesThatNoObjectHasAreNotSent(name: String) throws {
        let client = try APIClient()
        try client.create("p")
        for request in [
            APIRequest(
                .delete(uid: nil, resourceVersion: nil),
                KubernetesClientTests.pools,
                namespace: client.namespace,
                name: name
            ),
            APIRequest(.get, KubernetesClientTests.pools, namespace: name, name: "p"),
            APIRequest(
                .delete(uid: nil, resourceVersion: nil),
                KubernetesClientTests.pools,
                namespace: client.namespace
            ),
        ] {
            let error = try #require(throws: KubernetesError.self) { try client.client.send(request, deadline: .far) }
            #expect(error.code == .invalidConfiguration)
        }
        #expect(try client.serverHas("p"))
    }

    @Test(arguments: ["a b", "a?b=c", "a#b", "ä", "a\r\nb", "a;b", "a\"b", "A", "a\0b"])
    func oddNamesReachTheServerAsTheyAre(name: String) throws {
        let client = try APIClient()
        #expect(try client.send(.get, name) == .missing)
    }

    @Test func largeObjectsPassBothWays() throws {
        let client = try APIClient()
        // More than the window that a server gives at first, and near to what an etcd takes.
        let allocations = (0..<8000).map { number -> (String, JSONValue) in
            (
                "\(number)",
                .object([
                    "id": .string(String(repeating: "c", count: 64)), "podref": .string("n/p\(number)"),
                    "ifname": .string("eth0"),
                ])
            )
        }
        guard case .object(var members) = KubernetesClientTests.pool("p", namespace: client.namespace) else { return }
        let spec: JSONValue = .object([
            "range": .string("10.0.0.0/16"),
            "allocations": .object(Dictionary(uniqueKeysWithValues: allocations)),
        ])
        members["spec"] = spec
        #expect(try client.send(.create(.object(members))).object != nil)
        #expect(try client.send(.get, "p").object?.member("spec") == spec)
    }
}
