internal import AllocationHistory
internal import CNI
internal import EtcdLab

extension Bench {
    /// The load that users of such plugins have reported to be too much: many pods at once, of many interfaces each.
    func referenceLoad(_ figures: inout Figures) throws -> [Section] {
        let server = try etcd()
        let one = try network("load", at: server, range: "10.40.0.0/16")
        let many = try (0..<scale.interfaces).map {
            try network("load-\($0)", at: server, range: "10.\(41 + $0).0.0/24")
        }
        let theirs = try hostLocal("load-host-local", range: "10.40.0.0/16")
        let contest = Contest(subjects: [
            Subject(name: "one range") { try self.load([one]) },
            Subject(name: "\(many.count) ranges") { try self.load(many) },
            Subject(name: "host-local, one range") { try self.load([theirs]) },
        ])
        let standings = try contest.run(rounds: scale.loads, before: 0)
        var table = MarkdownTable(["on", "s", "slowest pod s", "ADDs a second", "failures"])
        for (index, name) in standings.names.enumerated() {
            let elapsed = standings.median(index) { $0.elapsed.seconds }
            let failures = standings.samples[index].flatMap(\.failures)
            figures.failures += failures
            table.append([
                name,
                elapsed.figure,
                standings.median(index) { $0.slowestLane.seconds }.figure,
                (Double(scale.pods * scale.interfaces) / elapsed).figure,
                String(failures.count),
            ])
        }
        let note =
            "\(scale.pods) pods at once, each with \(scale.interfaces) interfaces, one after the other. "
            + "Medians of \(scale.loads) rounds, the failures of all."
        return [Section(title: "The reference load of the field", note: note, table: table)]
    }

    /// Has all pods come at once, each interface from the network of its number, and go.
    private func load(_ networks: [Network]) throws -> Crowd {
        func lanes(_ command: CNICommand) -> [[Invocation]] {
            (0..<scale.pods).map { pod in
                (0..<scale.interfaces).map { number in
                    networks[number % networks.count].call(command, "pod-\(pod)", interface: "net\(number)")
                }
            }
        }
        let calls = lanes(.add)
        let crowd = Crowd(calls)
        if crowd.failures.isEmpty {
            let addresses = Set(try calls.joined().map(Network.address))
            guard addresses.count == scale.pods * scale.interfaces else {
                throw Network.WrongAddresses(description: "the reference load got \(addresses.count) addresses")
            }
        }
        _ = try Crowd(lanes(.delete)).withoutFailures()
        try networks[0].check(records: 0)
        return crowd
    }
}
