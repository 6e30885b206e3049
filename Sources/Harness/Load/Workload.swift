internal import AllocationHistory
internal import EtcdLab
internal import FoundationEssentials

/// Pods that come and go, each through the calls that a runtime makes.
///
/// A place is where one pod runs after the other. What a pod at a place does follows from the plan's seed; how long its calls take does
/// not.
struct Workload: Sendable {
    /// How often a DEL is repeated before the run is given up.
    private static let deleteTries = 200

    let plan: RunPlan
    /// What tells the names of this run from those of others.
    let run: String
    let nodes: [SimulatedNode]
    let networks: [SimulatedNetwork]
    let runner: PluginRunner
    let recorder: Recorder
    /// When the load ends in any case.
    let end: ContinuousClock.Instant

    /// Runs pods until there have been enough, and returns those that still run.
    func execute() async -> [Sandbox] {
        switch plan.pattern {
        case .churn: await churn()
        case .burst: await burst()
        case .steady: await steady()
        }
    }

    /// Deletes all interfaces of a sandbox, each until it is done.
    func delete(_ sandbox: Sandbox, _ random: inout SplitMix64, interrupting: Bool = true) async {
        for interface in (0..<plan.interfaces).reversed() {
            var order = order(.delete, sandbox, interface)
            var (tries, isDone) = (0, false)
            // Where nothing is ever deleted, the load ends all the same.
            while tries < (recorder.isHopeless ? 1 : isOver ? Self.deleteTries / 5 : Self.deleteTries) {
                order.interruption = interrupting ? interruption(&random) : nil
                isDone = await runner.call(order).outcome.isSuccess
                guard !isDone else {
                    sandbox.node.forget(order.attachment)
                    break
                }
                tries += 1
                try? await Task.sleep(for: .milliseconds(min(1000, 20 * tries)))
            }
            if !isDone {
                recorder.noteUndeleted("\(sandbox.attachment(interface)) in \(tries) tries")
            }
        }
    }

    /// An order for a sandbox's interface.
    private func order(_ verb: Verb, _ sandbox: Sandbox, _ interface: Int) -> PluginRunner.Order {
        let index = interface % networks.count
        let first = networks[..<index].reduce(0) { $0 + $1.ranges.count }
        return PluginRunner.Order(
            verb: verb,
            node: sandbox.node,
            network: networks[index],
            ranges: Array(first..<first + networks[index].ranges.count),
            attachment: sandbox.attachment(interface),
            pod: sandbox.pod
        )
    }

    /// Whether no more pods are to come.
    ///
    /// While the last attachments are under way it seems so; one that fails takes that back, and the pod that it was for tries again.
    private var isOver: Bool {
        recorder.attachmentsBegun >= plan.attachments || ContinuousClock.now >= end || EarlyEnd.requested != nil
            || recorder.isHopeless
    }

    /// What befalls a call's process, most often nothing.
    func interruption(_ random: inout SplitMix64) -> PluginRunner.Interruption? {
        var signals: [PluginRunner.Interruption.Kind] = []
        if plan.faults.contains(.pluginKilled) { signals.append(.kill) }
        if plan.faults.contains(.pluginTerminated) { signals.append(.terminate) }
        // The same numbers are drawn whatever the faults, so that the rest of the choices stays the same.
        let (chance, choice, delay) = (
            Int.random(in: 0..<100, using: &random), UInt64.random(in: 0 ... .max, using: &random),
            Int.random(in: 0..<25_000, using: &random)
        )
        guard chance < plan.pluginFaultPercentage, !signals.isEmpty else { return nil }
        return PluginRunner.Interruption(
            kind: signals[Int(choice % UInt64(signals.count))],
            delay: .microseconds(delay)
        )
    }

    // MARK: - A pod's life

    /// Adds all interfaces, one after the other, or as many as the load is to have yet; false at the first that fails.
    private func add(_ sandbox: Sandbox, _ random: inout SplitMix64) async -> Bool {
        for interface in 0..<plan.interfaces {
            guard recorder.beginAttachment(of: plan.attachments) else { return true }
            var order = order(.add, sandbox, interface)
            order.interruption = interruption(&random)
            await sandbox.node.learn(of: order.attachment)
            let answer = await runner.call(order)
            guard answer.outcome.isSuccess else { return false }
            if Int.random(in: 0..<10, using: &random) == 0 {
                var check = self.order(.check, sandbox, interface)
                check.previousResult = answer.result
                _ = await runner.call(check)
            }
        }
        return true
    }

    /// Ends a pod: its runtime deletes it, or has lost what it knew of it, and then only a garbage collection finds what the pod had.
    private func end(_ sandbox: Sandbox, _ random: inout SplitMix64) async {
        let isForgotten = Int.random(in: 0..<16, using: &random) == 0
        guard isForgotten, plan.collectsGarbage else { return await delete(sandbox, &random) }
        for interface in 0..<plan.interfaces {
            sandbox.node.forget(sandbox.attachment(interface))
        }
    }

    /// Adds a sandbox for a pod, with another one each time that it fails, as a kubelet does; nil when the load is over.
    private func start(_ pod: String, _ place: Int, _ count: inout Int, _ random: inout SplitMix64) async -> Sandbox? {
        var failures = 0
        while !isOver {
            count += 1
            let isElsewhere = Int.random(in: 0..<5, using: &random) == 0
            let node = nodes[(isElsewhere ? Int.random(in: nodes.indices, using: &random) : place) % nodes.count]
            let sandbox = Sandbox(container: "\(run)-\(place)-\(count)", node: node, pod: pod)
            if await add(sandbox, &random) { return sandbox }
            await delete(sandbox, &random)
            failures += 1
            try? await Task.sleep(for: .milliseconds(min(500, 10 * failures)))
        }
        return nil
    }

    /// The name of the next pod at a place: half of them come back under the same name, as those of a StatefulSet.
    private func pod(_ place: Int, _ count: Int) -> String {
        place.isMultiple(of: 2) ? "lab/set-\(place)" : "lab/job-\(place)-\(count)"
    }

    // MARK: - Patterns

    private func churn() async -> [Sandbox] {
        await withTaskGroup(of: Sandbox?.self) { group in
            for place in 0..<plan.places {
                group.addTask { await live(place) }
            }
            return await group.reduce(into: []) { list, sandbox in list += sandbox.map { [$0] } ?? [] }
        }
    }

    /// One pod after the other; returns the last one, which still runs.
    private func live(_ place: Int) async -> Sandbox? {
        var random = SplitMix64(seed: plan.seed &+ UInt64(place) &* 0x9e37_79b9)
        var count = 0
        var late: Sandbox?
        while true {
            let sandbox = await start(pod(place, count), place, &count, &random)
            if let former = late { await end(former, &random) }
            late = nil
            guard let sandbox else { return nil }
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0..<100, using: &random)))
            guard !isOver else { return sandbox }
            if place.isMultiple(of: 2), Int.random(in: 0..<3, using: &random) == 0 {
                // The pod comes back before the runtime gets round to its former container.
                late = sandbox
            } else {
                await end(sandbox, &random)
            }
        }
    }

    private func burst() async -> [Sandbox] {
        var round = 0
        while true {
            let number = round
            let started = await withTaskGroup(of: Sandbox?.self) { group in
                for place in 0..<plan.places {
                    group.addTask {
                        var random = SplitMix64(seed: plan.seed &+ UInt64(number * plan.places + place))
                        var count = number * 1000
                        return await start(pod(place, number), place, &count, &random)
                    }
                }
                return await group.reduce(into: [Sandbox]()) { list, sandbox in list += sandbox.map { [$0] } ?? [] }
            }
            guard !isOver else { return started }
            await withTaskGroup(of: Void.self) { group in
                for (index, sandbox) in started.enumerated() {
                    group.addTask {
                        var random = SplitMix64(seed: plan.seed &+ UInt64(number * plan.places + index) &+ 1)
                        await end(sandbox, &random)
                    }
                }
            }
            round += 1
        }
    }

    private func steady() async -> [Sandbox] {
        let pause = Duration.seconds(1) / max(1, plan.rate)
        return await withTaskGroup(of: Sandbox?.self) { group in
            var next = ContinuousClock.now
            var number = 0
            while !isOver {
                let place = number
                group.addTask {
                    var random = SplitMix64(seed: plan.seed &+ UInt64(place) &* 0x9e37_79b9)
                    var count = 0
                    let sandbox = await start("lab/job-\(place)", place, &count, &random)
                    guard let sandbox else { return nil }
                    try? await Task.sleep(for: .milliseconds(Int.random(in: 500..<2000, using: &random)))
                    guard !isOver else { return sandbox }
                    await end(sandbox, &random)
                    return nil
                }
                number += 1
                next += pause
                try? await Task.sleep(until: next, clock: .continuous)
            }
            return await group.reduce(into: []) { list, sandbox in list += sandbox.map { [$0] } ?? [] }
        }
    }
}
