internal import EtcdLab

/// Breaks etcd again and again, one way at a time, and lets it come back.
struct FaultDirector: Sendable {
    let lab: Lab
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
            let member = Int.random(in: 0..<max(1, lab.memberCount), using: &random)
            let hold = Duration.milliseconds(Int.random(in: 500..<3000, using: &random))
            let lab = lab
            let isOfStore = kind == .quotaExceeded || kind == .compaction
            let fault = recorder.beginFault(kind.rawValue, isOfStore ? "store" : "member \(member)")
            do {
                try await blocking { try lab.strike(kind, member: member) }
                try? await Task.sleep(for: hold)
            } catch {
                // A verdict needs no certain faults.
                recorder.noteRemark("\(kind.rawValue) could not be brought about: \(error)")
            }
            await recover(kind, member: member)
            recorder.endFault(fault)
            try? await Task.sleep(for: .milliseconds(1000))
        }
    }

    /// Ends a fault; a member that has much to catch up with on a busy machine takes longer than one try.
    private func recover(_ kind: FaultKind, member: Int) async {
        let lab = lab
        for attempt in 1...3 {
            do {
                return try await blocking { try lab.recover(kind, member: member) }
            } catch {
                guard attempt == 3 else { continue }
                recorder.noteTrouble("\(kind.rawValue) could not be ended: \(error)")
            }
        }
    }
}
