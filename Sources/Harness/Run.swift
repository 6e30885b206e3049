internal import AllocationHistory
internal import EtcdLab
internal import Foundation

/// One run: an etcd, load and faults, and what is left behind them.
struct Run: Sendable {
    /// What the run does.
    let plan: RunPlan

    /// Makes a run of a plan.
    init(_ plan: RunPlan) {
        self.plan = plan
    }

    /// What a run leaves.
    struct Outcome: Sendable {
        /// What happened.
        let history: History
        /// What went wrong with the run itself, so that its verdict says less.
        var troubles: [String] = []
        /// What it did otherwise than it was meant to, which its verdict does not depend on.
        var remarks: [String] = []
    }

    /// Runs to the end; everything that was started is stopped, and what was stored is gone.
    ///
    /// - Throws: `HarnessError`, and what keeps the run from beginning or its store from being read.
    func execute() async throws -> Outcome {
        EarlyEnd.accept()
        let plugin = try Self.plugin(plan)
        ProgressLine.announce("\(plugin): \(plan)")
        let scratch = try ScratchDirectory("whereabouts-harness")
        let isForeign = plan.configurationFile != nil
        let plan = plan
        let lab = isForeign ? nil : try await blocking { try Lab(plan) }
        try await blocking { try lab?.checkReach() }
        let name = String(UInt32.random(in: 0 ... .max), radix: 16)
        let networks = try networks(of: name, lab)
        let recorder = Recorder()
        let kinds = faultKinds(lab, plugin, recorder)
        let hasClocks = kinds.contains(.clockJumped)
        let nodes = try (0..<plan.nodes).map { number in
            try SimulatedNode(number, below: scratch.url.path, hasClock: hasClocks)
        }
        let workload = Workload(
            plan: plan,
            run: name,
            nodes: nodes,
            networks: networks,
            runner: PluginRunner(
                plugin: plugin,
                secret: lab?.secret.map(SoughtSecret.init),
                directory: scratch.url.path,
                recorder: recorder
            ),
            recorder: recorder,
            end: .now + .seconds(plan.seconds)
        )

        let progress = Task { await ProgressLine(recorder: recorder, attachments: plan.attachments).execute() }
        let faults = lab.map { lab in
            let director = FaultDirector(
                lab: lab,
                nodes: nodes,
                kinds: kinds.filter { !$0.isOfPlugin },
                seed: plan.seed,
                recorder: recorder
            )
            return Task { await director.execute() }
        }
        let collections = Task { await workload.collectGarbage() }
        let live = await workload.execute()
        for task in [faults, collections] {
            task?.cancel()
            await task?.value
        }
        await workload.drain()
        let domain = networks[0].domain
        func snapshot() async throws -> StoreSnapshot? {
            guard let lab else { return nil }
            let time = recorder.now
            return try await blocking { try lab.snapshot(networkName: domain, time: time) }
        }
        let before = try await snapshot()
        await workload.cleanUp(live)
        let after = try await snapshot()
        progress.cancel()
        await progress.value
        if let lab {
            try await blocking {
                try lab.removeTraces(networkName: domain, run: name)
                lab.close()
            }
        }
        if let signal = EarlyEnd.requested {
            recorder.noteRemark("The load was ended early by signal \(signal).")
        }
        if recorder.isHopeless {
            recorder.noteRemark(
                "The load was ended early: no call had any success. Is it the right plugin, and has it the configuration that it needs (--conf)?"
            )
        }
        let (calls, periods) = recorder.contents
        return Outcome(
            history: History(
                plugin: plugin,
                seed: plan.seed,
                plan: plan.parameters,
                ranges: networks.flatMap(\.ranges),
                calls: calls,
                faults: periods,
                beforeCleanup: before,
                afterCleanup: after
            ),
            troubles: recorder.troubles,
            remarks: recorder.remarks
        )
    }

    /// The networks that pods attach to: those of the lab's etcd, or the one of a plugin that is not ours.
    private func networks(of run: String, _ lab: Lab?) throws -> [SimulatedNetwork] {
        if let lab { return (0..<plan.networks).map { SimulatedNetwork($0, of: run, plan, lab) } }
        let text = try Data(contentsOf: URL(fileURLWithPath: plan.configurationFile ?? ""))
        return [try SimulatedNetwork(template: [UInt8](text))]
    }

    /// The faults that can be brought about; what is asked for beside them is remarked.
    private func faultKinds(_ lab: Lab?, _ plugin: String, _ recorder: Recorder) -> [FaultKind] {
        var kinds = lab?.possible(plan.faults) ?? []
        // Faults of single calls need nothing of the etcd.
        let impossible = plan.faults.filter { !$0.isOfPlugin }.subtracting(kinds).map(\.rawValue).sorted()
        if !impossible.isEmpty {
            recorder.noteRemark(
                "Left out, because this etcd is not the run's own or has one member only: \(impossible.joined(separator: ", "))."
            )
        }
        if kinds.contains(.clockJumped), let obstacle = NodeClock.obstacle(for: plugin) {
            recorder.noteRemark("clock-jumped is left out: \(obstacle).")
            kinds.removeAll { $0 == .clockJumped }
        }
        if kinds.contains(.quotaExceeded), !EtcdServer.deletesWithoutSpace {
            recorder.noteRemark(
                "quota-exceeded is left out: without space etcd \(EtcdServer.version) refuses deletions too; "
                    + "name one of 3.4.22, 3.5.7 or later by WHEREABOUTS_ETCD."
            )
            kinds.removeAll { $0 == .quotaExceeded }
        }
        return kinds
    }

    /// The plugin's file: the one of the plan, the one beside this program, or the one that this checkout has built.
    private static func plugin(_ plan: RunPlan) throws -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let beside = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("whereabouts").path
        let choices =
            plan.plugin.map { [$0] } ?? [
                beside, Checkout.root.appendingPathComponent(".build/release/whereabouts").path,
            ]
        for choice in choices where FileManager.default.isExecutableFile(atPath: choice) { return choice }
        throw HarnessError(
            "there is no plugin at \(choices.joined(separator: " or ")); build it (swift build --product whereabouts), or name one with --plugin"
        )
    }
}
