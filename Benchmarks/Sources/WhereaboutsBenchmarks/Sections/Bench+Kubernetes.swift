internal import AllocationHistory
internal import CNI
internal import EtcdLab

extension Bench {
    /// A network with its name in the tables, and whose nodes its pods are on in turn.
    private struct Entrant {
        let name: String
        let network: Network
        var nodes: [String] = []

        /// Has its network be empty, with the pool object there where there is one.
        func clear() throws {
            guard case .kubernetes(let kubeconfig) = network.store else { return }
            try UpstreamObjects(kubeconfig: kubeconfig).deleteAll()
            for command in [CNICommand.add, .delete] {
                _ = try calls(command, count: max(1, nodes.count)).map(ChildProcess.run)
            }
        }

        /// Makes sure that each of some ADDs was given an address of its own, and that nothing else is stored.
        func check(_ calls: [Invocation]) throws {
            do {
                try network.check(calls)
            } catch let error as Network.WrongAddresses {
                throw Network.WrongAddresses(description: "\(name): \(error)")
            }
        }

        func calls(_ command: CNICommand, count: Int) -> [Invocation] {
            (0..<count).map { pod in
                network.call(command, "pod-\(pod)", node: nodes.isEmpty ? nil : nodes[pod % nodes.count])
            }
        }
    }

    /// The ADDs of pods that come at once, and their DELs, each with the requests of the API server for them together.
    private struct Wave {
        let add: (crowd: Crowd, requests: Int)
        let delete: (crowd: Crowd, requests: Int)
    }

    /// The Kubernetes datastore beside upstream's protocol and beside etcd: one process at a time, and many at once.
    func kubernetes(_ figures: inout Figures) throws -> [Section] {
        let cluster = try cluster()
        let range = "10.20.0.0/16"
        let entrants = [
            Entrant(name: "Kubernetes, one node", network: try cluster.network("kubernetes", self, range: range)),
            Entrant(
                name: "stand-in for upstream, with its lease",
                network: try cluster.upstream("upstream", self, range: range)
            ),
            Entrant(
                name: "etcd",
                network: try network("kubernetes-etcd", at: try etcd(), range: range, ["release_journal": "none"])
            ),
        ]
        let apart = Entrant(
            name: "Kubernetes, each pod on a node of its own",
            network: try cluster.network("kubernetes-nodes", self, range: range),
            nodes: (0..<scale.podsOnKubernetes).map { "node-\($0)" }
        )
        let nodes = (0..<10).map { "node-\($0)" }
        let spread = Entrant(
            name: "Kubernetes, \(nodes.count) nodes",
            network: try cluster.network("kubernetes-spread", self, range: range),
            nodes: nodes
        )
        let sliced = Entrant(
            name: "Kubernetes, \(nodes.count) nodes with slices",
            network: try cluster.sliced("kubernetes-slices", self, nodes: nodes),
            nodes: nodes
        )
        return try serial(entrants, cluster) + atOnce(entrants + [spread, apart, sliced], cluster, &figures)
    }

    private func serial(_ entrants: [Entrant], _ cluster: Cluster) throws -> [Section] {
        func contest(_ command: CNICommand, after other: CNICommand) throws -> Section {
            let calls = entrants.map { entrant in
                TimedCall(
                    name: entrant.name,
                    call: entrant.network.call(command, "pod"),
                    before: entrant.network.call(other, "pod")
                )
            }
            let contest = try ProcessContest(calls, scale, report: path("memory"))
            return Section(
                title: "\(command.rawValue) on the Kubernetes datastore, one at a time",
                note: "kube-apiserver \(try cluster.version()). Medians of \(scale.rounds) rounds.",
                table: contest.table(command.rawValue)
            )
        }
        let add = try contest(.add, after: .delete)
        for entrant in entrants {
            _ = try ChildProcess.run(entrant.network.call(.delete, "pod"))
        }
        return [add, try contest(.delete, after: .add)]
    }

    private func atOnce(
        _ entrants: [Entrant],
        _ cluster: Cluster,
        _ figures: inout Figures
    ) throws -> [Section] {
        let contest = Contest(
            subjects: entrants.map { entrant in
                Subject(name: entrant.name, prepare: entrant.clear) { try self.wave(entrant, cluster) }
            }
        )
        let standings = try contest.run(rounds: scale.turnsOnKubernetes, before: 0)
        for (entrant, waves) in zip(entrants, standings.samples) where entrant.network.plugin == plugin {
            figures.failures += waves.flatMap { $0.add.crowd.failures + $0.delete.crowd.failures }
        }
        return [
            section("ADDs", entrants, standings, \.add),
            section("DELs", entrants, standings, \.delete),
        ]
    }

    private func wave(_ entrant: Entrant, _ cluster: Cluster) throws -> Wave {
        func crowd(_ calls: [Invocation]) throws -> (crowd: Crowd, requests: Int) {
            let before = try cluster.requests()
            let crowd = Crowd(calls)
            return (crowd, try cluster.requests() - before)
        }
        let adds = entrant.calls(.add, count: scale.podsOnKubernetes)
        let add = try crowd(adds)
        if add.crowd.failures.isEmpty { try entrant.check(adds) }
        let delete = try crowd(entrant.calls(.delete, count: scale.podsOnKubernetes))
        if delete.crowd.failures.isEmpty { try entrant.check([]) }
        return Wave(add: add, delete: delete)
    }

    private func section(
        _ calls: String,
        _ entrants: [Entrant],
        _ standings: Standings<Wave>,
        _ part: KeyPath<Wave, (crowd: Crowd, requests: Int)>
    ) -> Section {
        let count = scale.podsOnKubernetes
        var table = MarkdownTable(["on", "s", "ratio", "p50 s", "p99 s", "requests", "failures"])
        var reasons: [String] = []
        for (index, entrant) in entrants.enumerated() {
            let crowds = standings.samples[index].map { $0[keyPath: part].crowd }
            let latency = LatencySummary(nanoseconds: crowds.flatMap { $0.usages.map(\.elapsed.nanoseconds) })
            let requests = standings.median(index) { Double($0[keyPath: part].requests) } / Double(count)
            let failures = crowds.flatMap(\.failures)
            table.append([
                entrant.name,
                standings.median(index) { $0[keyPath: part].crowd.elapsed.seconds }.figure,
                standings.ratio(index) { $0[keyPath: part].crowd.elapsed.seconds }.decimal(2),
                (latency.map { $0.p50 / 1000 } ?? .nan).figure,
                (latency.map { $0.p99 / 1000 } ?? .nan).figure,
                requests > 0 ? requests.decimal(2) : "",
                String(failures.count),
            ])
            reasons += failures.prefix(1).map {
                " The first failure on \(entrant.name): `\($0.output.split(separator: "\n").joined(separator: " "))`."
            }
        }
        let note =
            "\(count) at once. Medians of \(scale.turnsOnKubernetes) rounds; p50, p99 and the failures are those of all. "
            + "Requests of the API server are by call." + reasons.joined()
        return Section(title: "\(calls) at once on the Kubernetes datastore", note: note, table: table)
    }
}
