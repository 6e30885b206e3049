internal import AllocationHistory
internal import CNI
internal import EtcdLab

extension Bench {
    /// What one crowd did: ADDs at once, and the DELs of the same pods at once.
    private struct Wave {
        let add: Crowd
        let delete: Crowd
        /// What etcd did for the ADDs together.
        var addWork = EtcdWork.none
        /// What it did for the DELs together.
        var deleteWork = EtcdWork.none
    }

    /// Many processes at once on one pool: ADDs, and DELs.
    func atOnce(_ figures: inout Figures) throws -> [Section] {
        let server = try etcd()
        let ours = try network("at-once", at: server, range: "10.20.0.0/16")
        let theirs = try hostLocal("at-once-host-local", range: "10.20.0.0/16")
        let header = [
            "at once", "ms", "a second", "p50 ms", "p99 ms", "proposals", "RPCs", "host-local ms", "ratio",
        ]
        var (adds, deletes) = (MarkdownTable(header), MarkdownTable(header))
        for size in scale.crowds {
            let contest = Contest(subjects: [
                Subject(name: "ours") { try self.wave(size, ours, server) },
                Subject(name: "host-local") { try self.wave(size, theirs, nil) },
            ])
            let standings = try contest.run(rounds: scale.rounds(ofCrowd: size), before: 1)
            adds.append(row(size, standings, \.add, \.addWork))
            deletes.append(row(size, standings, \.delete, \.deleteWork))
            figures.throughput[size] = Double(size) / standings.median(0) { $0.add.elapsed.seconds }
        }
        let rounds = scale.crowds.map { "\(scale.rounds(ofCrowd: $0))" }.joined(separator: ", ")
        let note = "Medians of so many rounds, row by row: \(rounds). p50 and p99 are those of all calls of all rounds."
        return [
            Section(title: "ADDs at once on one pool", note: note, table: adds),
            Section(title: "DELs at once on one pool", note: note, table: deletes),
        ]
    }

    private func wave(_ size: Int, _ network: Network, _ server: EtcdServer?) throws -> Wave {
        let adds = (0..<size).map { network.call(.add, "pod-\($0)") }
        let deletes = (0..<size).map { network.call(.delete, "pod-\($0)") }
        let before = try server?.work()
        let add = try Crowd(adds).withoutFailures()
        let between = try server?.work()
        // The audit that is a part of it reads, which counts for neither.
        try network.check(adds)
        let again = try server?.work()
        let delete = try Crowd(deletes).withoutFailures()
        let after = try server?.work()
        try network.check(records: 0)
        var wave = Wave(add: add, delete: delete)
        if let before, let between, let again, let after {
            wave.addWork = between - before
            wave.deleteWork = after - again
        }
        return wave
    }

    private func row(
        _ size: Int,
        _ standings: Standings<Wave>,
        _ crowd: KeyPath<Wave, Crowd>,
        _ work: KeyPath<Wave, EtcdWork>
    ) -> [String] {
        let elapsed = standings.median(0) { $0[keyPath: crowd].elapsed.seconds }
        let times = standings.samples[0].flatMap { $0[keyPath: crowd].usages.map(\.elapsed.nanoseconds) }
        let latency = LatencySummary(nanoseconds: times)
        func perCall(_ figure: KeyPath<EtcdWork, Int>) -> String {
            (standings.median(0) { Double($0[keyPath: work][keyPath: figure]) } / Double(size)).decimal(2)
        }
        return [
            String(size),
            (elapsed * 1000).figure,
            (Double(size) / elapsed).figure,
            latency?.p50.figure ?? "",
            latency?.p99.figure ?? "",
            perCall(\.proposals),
            perCall(\.calls),
            standings.median(1) { $0[keyPath: crowd].elapsed.milliseconds }.figure,
            standings.ratio(0, to: 1) { $0[keyPath: crowd].elapsed.seconds }.decimal(2),
        ]
    }
}
