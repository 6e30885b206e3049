internal import AllocationHistory

/// What the plugin is meant to reach.
struct Targets {
    let figures: Figures

    /// A row for each target.
    var section: Section {
        var table = MarkdownTable(["target", "figure", "met"])
        func add(_ target: String, _ figure: Double?, isMet: (Double) -> Bool) {
            table.append([target, figure?.figure ?? "not measured", figure.map { isMet($0) ? "yes" : "no" } ?? ""])
        }
        add("time of an ADD by that of one by host-local: below 1", figures.addByHostLocal) { $0 < 1 }
        add("time of an ADD by that of etcdctl put: below 1", figures.addByEtcdctl) { $0 < 1 }
        add("time of an ADD with 50,000 addresses taken by that with none: at most 1.2", figures.growth[50_000]) {
            $0 <= 1.2
        }
        // Upstream of 2022 made 50, which took 22 ms and 8 RPCs each.
        add("ADDs a second, 200 at once: at least 250, five times what upstream made in 2022", figures.throughput[200])
        {
            $0 >= 250
        }
        return Section(title: "Targets", table: table)
    }

    /// What is far from what it should be, whatever the machine.
    var alarms: [String] {
        let growth = figures.growth[50_000].map { ("an ADD with 50,000 addresses taken, by one with none", $0, 1.5) }
        let tls = figures.addOverTLS.map { ("an ADD over mutual TLS, by one in clear text", $0, 2.0) }
        return [growth, tls].compactMap { $0 }.filter { $0.1 > $0.2 }
            .map { "\($0.0): \($0.1.figure) times the time" }
    }
}
