internal import EtcdLab

/// Breaks etcd and the nodes' clocks again and again, one way at a time, and lets them come back.
struct FaultDirector: Sendable {
    let lab: Lab
    let nodes: [SimulatedNode]
    let kinds: [FaultKind]
    let seed: UInt64
    let recorder: Recorder

    /// Goes on until its task is canceled; then nothing is broken any more.
    func execute() async {
        guard !kinds.isEmpty else { return }
        var random = SplitMix64(seed: seed)
        var rest: [FaultKind] = []
        while !Task.isCancelled {
            // Each kind once before any comes again.
            if rest.isEmpty { rest = kinds.shuffled(using: &random) }
            let kind = rest.removeLast()
            let target = target(of: kind, &random)
            let hold = Duration.milliseconds(Int.random(in: 500..<3000, using: &random))
            let seed = random.next()
            let fault = recorder.beginFault(kind.rawValue, "\(target)")
            do {
                try await strike(kind, target, seed)
                try? await Task.sleep(for: hold)
            } catch {
                // A verdict needs no certain faults.
                recorder.noteRemark("\(kind.rawValue) could not be brought about: \(error)")
            }
            await recover(kind, target)
            recorder.endFault(fault)
            try? await Task.sleep(for: .milliseconds(1000))
        }
        if kinds.contains(.connectionCut) {
            recorder.noteRemark(
                "\(lab.cutCount) connections were cut before the client got what the member had to say."
            )
        }
    }

    private func target(of kind: FaultKind, _ random: inout SplitMix64) -> FaultTarget {
        // The same numbers are drawn for every kind, so that the rest of the choices stays the same.
        let member = Int.random(in: 0..<max(1, lab.memberCount), using: &random)
        let node = Int.random(in: nodes.indices, using: &random)
        let seconds = Int.random(in: 3600..<12 * 3600, using: &random)
        let isAhead = Bool.random(using: &random)
        switch kind {
        case .quotaExceeded, .compaction: return .store
        case .clockJumped: return .node(nodes[node], secondsAhead: isAhead ? seconds : -seconds)
        default: return .member(member)
        }
    }

    private func strike(_ kind: FaultKind, _ target: FaultTarget, _ seed: UInt64) async throws {
        let lab = lab
        switch target {
        case .store: try await blocking { try lab.strike(kind, member: 0, seed: seed) }
        case .member(let member): try await blocking { try lab.strike(kind, member: member, seed: seed) }
        case .node(let node, let seconds): try node.clock?.put(bySeconds: seconds)
        }
    }

    /// Ends a fault; a member that has much to catch up with on a busy machine takes longer than one try.
    private func recover(_ kind: FaultKind, _ target: FaultTarget) async {
        let lab = lab
        for attempt in 1...3 {
            do {
                switch target {
                case .store: try await blocking { try lab.recover(kind, member: 0) }
                case .member(let member): try await blocking { try lab.recover(kind, member: member) }
                case .node(let node, _): try node.clock?.put(bySeconds: 0)
                }
                return
            } catch {
                guard attempt == 3 else { continue }
                recorder.noteTrouble("\(kind.rawValue) could not be ended: \(error)")
            }
        }
    }
}
