internal import EtcdClient
internal import IPAM
internal import Logging
internal import Whereabouts

/// One reconciliation under way.
///
/// The first look and the scan behind it only tell where to look closer: the records may be younger than the look. What is released was
/// read again, then looked up again, and is guarded by the version that was read.
struct ReconciliationPass {
    private let reconciler: Reconciler
    private var report: ReconciliationReport
    private var candidates: [AllocationPlace: StrandedCandidate] = [:]
    /// The candidates whose allocations were not met yet.
    private var unmet: Set<AllocationPlace> = []
    private var notes: [AllocationPlace: StrandedCandidate?] = [:]
    private var suspects: [AllocationPlace] = []
    private var expired: [StoredAllocation] = []
    /// Allocations of static pods without mirror pods, with the nodes that their records name.
    private var unmirrored: [(place: AllocationPlace, node: String)] = []

    private var store: any ReconciledStore { reconciler.store }
    private var settings: Reconciler.Settings { reconciler.settings }

    init(_ reconciler: Reconciler) {
        self.reconciler = reconciler
        report = ReconciliationReport(
            datastore: reconciler.store.kind,
            time: reconciler.source.now,
            isDryRun: reconciler.settings.isDryRun
        )
    }

    mutating func run() throws(ReconciliationError) -> ReconciliationReport {
        candidates = try store.candidates(deadline: .after(Reconciler.callTimeout))
        if let list = settings.list {
            // The objects don't say of an allocation by itself where it is.
            guard settings.scope.isAll || store.kind != "kubernetes" else {
                throw .configuration(
                    "--release-from with the Kubernetes datastore frees all that the report lists; leave --node and --network out, and have them for the report"
                )
            }
            suspects = Array(list.versions.keys)
            report.allocations = suspects.count
        } else {
            try scan()
            // What was seen alive has no note any more, whatever fails behind this.
            try flush()
        }
        for start in stride(from: 0, to: suspects.count, by: Reconciler.batchSize) {
            let end = min(start + Reconciler.batchSize, suspects.count)
            try step("\(start) of \(suspects.count) that look stranded were looked at again")
            try settle(Array(suspects[start..<end]))
        }
        try releaseExpired()
        if settings.list == nil {
            if settings.scope.isAll, report.errors.isEmpty {
                for place in unmet { notes[place] = .some(nil) }
            }
            try flush()
            // They are of no node and no network.
            if settings.scope.isAll { try repair() }
        }
        return report
    }

    /// What was found and done when an error ends the whole.
    func partialReport(endedBy error: ReconciliationError) -> ReconciliationReport {
        var partial = report
        partial.errors.append("the run ended early: \(error)")
        return partial
    }

    private func step(_ text: String) throws(ReconciliationError) {
        guard reconciler.progress(text) else { throw .stopped }
    }

    // MARK: Finding out where to look closer

    private mutating func scan() throws(ReconciliationError) {
        unmet = Set(candidates.keys)
        let look = try reconciler.source.look(at: nil, deadline: .after(Reconciler.lookTimeout))
        let now = Timestamp.text(secondsSince1970: reconciler.source.now)
        var judged = 0
        try store.scan(settings.scope, deadline: .after(Reconciler.lookTimeout)) { page throws(ReconciliationError) in
            for error in page.errors { note(error) }
            for allocation in page.allocations {
                if take(allocation, Verdict(of: allocation, by: look, now: now)) { judged += 1 }
            }
            try step("\(report.allocations) allocations, \(suspects.count) of them look stranded")
        }
        judged += takeUnmirrored()
        // What the API server had to list anew comes twice.
        var places: Set<AllocationPlace> = []
        suspects.removeAll { !places.insert($0).inserted }
        reconciler.logger.debug("\(report.allocations) allocations beside \(look.description)")
        if report.allocations == 0, report.errors.isEmpty { warnOfEmptyScope() }
        try expectPlausible(suspects.count, of: judged, look)
    }

    /// Tells that a scope may be misspelt; it may also have no allocations, and a node be gone.
    private func warnOfEmptyScope() {
        let scope = settings.scope
        guard !scope.isAll || store.namespace != nil else { return }
        let parts = [
            scope.network.map { "of network \($0.debugDescription)" },
            scope.node.map { "on node \($0.debugDescription)" },
            scope.isAll ? store.namespace.map { "in namespace \($0.debugDescription)" } : nil,
        ]
        var text = "no allocation is \(parts.compactMap(\.self).joined(separator: " and "))"
        if let node = scope.node, let nodes = try? reconciler.nodes?(), !nodes.contains(node) {
            text += ", and the API server knows no such node"
        }
        reconciler.logger.warning("\(text); check the spelling, if that is not to be expected")
    }

    /// Takes an allocation in, and returns whether it was judged by what lives.
    private mutating func take(_ allocation: StoredAllocation, _ verdict: Verdict) -> Bool {
        report.allocations += 1
        unmet.remove(allocation.place)
        switch verdict {
        case .stranded:
            suspects.append(allocation.place)
            return true
        case .live: break
        case .withoutPod:
            report.withoutPod += 1
            if allocation.namesNodeOfStaticPod {
                unmirrored.append((allocation.place, allocation.owner.node))
                return false
            }
        case .waiting: report.waiting += 1
        case .expired: expired.append(allocation)
        }
        if candidates[allocation.place] != nil { notes[allocation.place] = .some(nil) }
        return verdict == .live
    }

    /// Takes those for suspects whose nodes are gone, and with them their pods; returns how many.
    private mutating func takeUnmirrored() -> Int {
        let nodes = unmirrored.isEmpty ? nil : nodesThatAreThere()
        var count = 0
        for (place, node) in unmirrored {
            if isGone(node, nodes) {
                suspects.append(place)
                report.withoutPod -= 1
                count += 1
            } else if candidates[place] != nil {
                notes[place] = .some(nil)
            }
        }
        unmirrored = []
        return count
    }

    /// The nodes of the cluster; nil where nobody knows, and then none is gone.
    private func nodesThatAreThere() -> Set<String>? {
        do throws(ReconciliationError) {
            return try reconciler.nodes?()
        } catch {
            reconciler.logger.warning("static pods without mirror pods keep their addresses: \(error)")
            return nil
        }
    }

    /// Whether a node is gone, which an empty answer does not prove.
    private func isGone(_ node: String, _ nodes: Set<String>?) -> Bool {
        guard let nodes, !nodes.isEmpty else { return false }
        return !nodes.contains(node)
    }

    /// Refuses an answer by which too much would be freed to be true.
    private func expectPlausible(_ stranded: Int, of judged: Int, _ look: Look) throws(ReconciliationError) {
        guard settings.maximalShare < 1 else { return }
        if look.isEmpty, judged > 0 {
            throw .suspicious(
                "\(look.description) were found, and \(judged) allocations are somebody's; nothing was freed. Repair what answers so, "
                    + "or pass --max-share 1 if nothing lives any more"
            )
        }
        // A list of another node's has none of those that live.
        if case .containers = look, judged > 0, stranded == judged {
            throw .suspicious(
                "none of the \(judged) allocations is of a container that is known; nothing was freed. Check that the list is of --node, or pass "
                    + "--max-share 1 if nothing lives any more"
            )
        }
        guard stranded >= Reconciler.shareThreshold, Double(stranded) > settings.maximalShare * Double(judged) else {
            return
        }
        throw .suspicious(
            "\(stranded) of \(judged) allocations look stranded beside \(look.description), more than the share \(settings.maximalShare); "
                + "nothing was freed. Repair what answers so, or pass a greater --max-share, 1 at most, if that is right"
        )
    }

    // MARK: Looking closer

    /// Reads allocations again, looks at their owners behind that, and releases what has been stranded for long enough.
    private mutating func settle(_ places: [AllocationPlace]) throws(ReconciliationError) {
        let allocations = try store.allocations(at: places, deadline: .after(Reconciler.callTimeout)).filter {
            settings.list == nil || settings.scope.contains($0)
        }
        // Behind the read: an owner's pod is there before its allocation is.
        let look = try reconciler.source.look(at: allocations, deadline: .after(Reconciler.lookTimeout))
        try expectWhole(look, allocations)
        let nodes = allocations.contains { $0.namesNodeOfStaticPod } ? nodesThatAreThere() : nil
        let seconds = reconciler.source.now
        let now = Timestamp.text(secondsSince1970: seconds)
        var due: [StoredAllocation] = []
        var findings: [ReconciliationReport.Finding] = []
        for allocation in allocations {
            var verdict = Verdict(of: allocation, by: look, now: now)
            if verdict == .withoutPod, allocation.namesNodeOfStaticPod, isGone(allocation.owner.node, nodes) {
                verdict = .stranded(.podGone)
            }
            guard case .stranded(let reason) = verdict else {
                if verdict == .expired { expired.append(allocation) }
                if candidates[allocation.place] != nil { notes[allocation.place] = .some(nil) }
                continue
            }
            let since = self.since(allocation, now: seconds)
            // Multus notes an interface's next address behind its ADD, so one look tells nothing.
            let isDue = since != nil || reason != .interfaceHasOtherAddress
            var finding = ReconciliationReport.Finding(
                allocation: allocation,
                reason: reason.rawValue,
                since: since ?? seconds,
                state: .candidate
            )
            if let list = settings.list {
                finding.state = list.versions[allocation.place] == allocation.version ? .due : .changed
            } else if isDue, seconds - finding.since >= settings.grace {
                finding.state = .due
            } else if since == nil {
                notes[allocation.place] = StrandedCandidate(
                    since: seconds,
                    reason: reason.rawValue,
                    version: allocation.version
                )
            }
            if finding.state == .due { due.append(allocation) }
            findings.append(finding)
        }
        do throws(ReconciliationError) {
            if !settings.isDryRun { try release(due, &findings) }
        } catch {
            // Some of them may be free by now, which the next look tells.
            for index in findings.indices where findings[index].state == .due {
                findings[index].state = .failed
                findings[index].error = "whether it was released is not known: \(error)"
            }
            report.findings += findings
            throw error
        }
        report.findings += findings
        try flush()
    }

    /// Since when an allocation is known to look stranded; nil when it was not, or not as it is now.
    private func since(_ allocation: StoredAllocation, now: Int64) -> Int64? {
        guard let candidate = candidates[allocation.place], candidate.version == allocation.version,
            candidate.since <= now
        else { return nil }
        return candidate.since
    }

    /// An answer by which nothing lives all of a sudden is as wrong as one that said so from the start.
    ///
    /// What a report lists was seen to be stranded by its reader, so its share is no sign.
    private func expectWhole(_ look: Look, _ allocations: [StoredAllocation]) throws(ReconciliationError) {
        let isListed = settings.list != nil
        guard look.isEmpty, allocations.count >= (isListed ? 1 : Reconciler.shareThreshold) else { return }
        let everything = try reconciler.source.look(at: nil, deadline: .after(Reconciler.lookTimeout))
        let judged = max(report.allocations, allocations.count)
        try expectPlausible(isListed ? 0 : allocations.count, of: judged, everything)
    }

    private mutating func release(
        _ due: [StoredAllocation],
        _ findings: inout [ReconciliationReport.Finding]
    ) throws(ReconciliationError) {
        let outcomes = due.isEmpty ? [] : try store.release(due, deadline: .after(Reconciler.lookTimeout))
        var next = 0
        for index in findings.indices where findings[index].state == .due {
            let place = findings[index].allocation.place
            switch next < outcomes.count ? outcomes[next] : GuardedRelease?.none {
            case .released:
                findings[index].state = .released
                reconciler.logger.info(
                    "released \(place)",
                    metadata: [
                        "owner": "\(findings[index].allocation.owner.attachment)",
                        "pod": "\(findings[index].allocation.owner.pod?.description ?? "")",
                        "reason": "\(findings[index].reason)",
                    ]
                )
            case .changed:
                findings[index].state = .changed
            case .failed(let error):
                findings[index].state = .failed
                findings[index].error = "\(error)"
                reconciler.logger.error("\(place): \(error)")
            case nil:
                findings[index].state = .failed
                findings[index].error = "it was not tried any more"
            }
            if findings[index].state != .failed, candidates[place] != nil { notes[place] = .some(nil) }
            next += 1
        }
    }

    // MARK: What needs no look

    private mutating func releaseExpired() throws(ReconciliationError) {
        let now = reconciler.source.now
        var obstacle: ReconciliationError?
        for allocation in expired {
            try step("\(report.findings.count) findings")
            var finding = ReconciliationReport.Finding(
                allocation: allocation,
                reason: "retentionOver",
                since: allocation.retainedUntil.flatMap(Timestamp.secondsSince1970) ?? now,
                state: .due
            )
            if let obstacle {
                finding.state = .failed
                finding.error = "\(obstacle)"
            } else if !settings.isDryRun {
                do throws(ReconciliationError) {
                    let isOver = try store.releaseExpired(
                        allocation.place,
                        deadline: .after(Reconciler.callTimeout)
                    )
                    finding.state = isOver ? .released : .changed
                } catch {
                    finding.state = .failed
                    finding.error = "\(error)"
                    // The others would wait for the same store in vain.
                    if case .datastore(let cause) = error, cause.isUnavailability { obstacle = error }
                }
            }
            report.findings.append(finding)
        }
    }

    private mutating func repair() throws(ReconciliationError) {
        try step("looking for incomplete records")
        let nodes = try reconciler.nodes?()
        report.repairs = try store.repair(
            nodes: nodes,
            isDryRun: settings.isDryRun,
            deadline: .after(Reconciler.lookTimeout)
        )
        for repair in report.repairs {
            reconciler.logger.info(
                "\(settings.isDryRun ? "to repair: " : "")\(repair.kind.rawValue): \(repair.subject)"
            )
        }
    }

    private mutating func flush() throws(ReconciliationError) {
        defer { notes = [:] }
        guard !settings.isDryRun, !notes.isEmpty else { return }
        try store.note(notes, deadline: .after(Reconciler.callTimeout))
    }

    private mutating func note(_ error: DatastoreError) {
        report.errors.append("\(error)")
        reconciler.logger.error("\(error)")
    }
}
