internal import CNI
internal import IPAM
internal import IPTypes
internal import Whereabouts

extension LoopMetrics {
    /// The metrics as Prometheus reads them, with the calls of the plugin on this node.
    func text(calls: [CallTally.Entry]) -> String {
        var text = MetricsText()
        text.add(
            .gauge,
            "whereabouts_build_info",
            "The version of this program.",
            [([("version", About.version)], "1")]
        )
        text.add(.gauge, "whereabouts_node_allocations", "Addresses of this node's containers.", allocations)
        add(pools: &text)
        text.add(
            .counter,
            "whereabouts_calls_total",
            "Calls of the plugin on this node by command and outcome, since the host's start.",
            calls.map { entry in
                let outcome = entry.code.map { CNIError.Code(rawValue: $0).cause } ?? "ok"
                let code = entry.code.map(String.init) ?? ""
                return ([("command", entry.command), ("outcome", outcome), ("code", code)], "\(entry.count)")
            }
        )
        text.add(
            .counter,
            "whereabouts_reconcile_runs_total",
            "Looks at what this node has, by outcome.",
            [([("outcome", "ok")], "\(runs - failedRuns)"), ([("outcome", "failed")], "\(failedRuns)")]
        )
        text.add(
            .counter,
            "whereabouts_reconcile_released_total",
            "Addresses that were freed because their pod needs them no more, by reason.",
            released.keys.sorted().map { ([("reason", $0)], "\(released[$0] ?? 0)") }
        )
        text.add(
            .counter,
            "whereabouts_reconcile_failures_total",
            "Addresses that could not be freed.",
            failures
        )
        text.add(
            .gauge,
            "whereabouts_reconcile_candidates",
            "Addresses that are stranded and not free yet.",
            candidates
        )
        text.add(
            .gauge,
            "whereabouts_reconcile_oldest_candidate_seconds",
            "For how long the oldest of those has been stranded.",
            oldestCandidateAge
        )
        text.add(.gauge, "whereabouts_journal_entries", "Releases that wait for the datastore.", journalEntries)
        text.add(
            .gauge,
            "whereabouts_journal_set_aside_entries",
            "Releases that can't be carried out and wait for an operator.",
            journalSetAside
        )
        text.add(
            .counter,
            "whereabouts_journal_released_total",
            "Addresses that were freed by releases from the journal.",
            journalReleased
        )
        text.add(
            .counter,
            "whereabouts_kubeconfig_replacements_total",
            "How often the plugin's kubeconfig got another token.",
            kubeconfigReplacements
        )
        text.add(
            "whereabouts_datastore_latency_seconds",
            "How long the datastore took, by operation.",
            "operation",
            DatastoreOperation.allCases.compactMap { operation in
                latencies[operation].map { (operation.rawValue, $0) }
            }
        )
        return text.text
    }

    private func add(pools text: inout MetricsText) {
        func samples(_ value: (Pool) -> String) -> [(labels: [(String, String)], value: String)] {
            pools.map { pool in
                let labels = [
                    ("network", pool.pool.network), ("network_name", pool.pool.demand.domain.networkName),
                    ("range", pool.pool.range.description), ("first", "\(pool.pool.demand.pool.bounds.first)"),
                    ("last", "\(pool.pool.demand.pool.bounds.last)"),
                ]
                return (labels, value(pool))
            }
        }
        text.add(
            .gauge,
            "whereabouts_pool_capacity_addresses",
            "Addresses of a range that can be given out.",
            samples { "\($0.pool.capacity)" }
        )
        text.add(
            .gauge,
            "whereabouts_pool_used_addresses",
            "Addresses of a range that are somebody's, with those that are pending.",
            samples { "\($0.occupancy.used)" }
        )
        text.add(
            .gauge,
            "whereabouts_pool_free_addresses",
            "Addresses of a range that are nobody's.",
            samples { pool in
                let used = UInt128(pool.occupancy.used)
                return "\(pool.pool.capacity > used ? pool.pool.capacity - used : 0)"
            }
        )
        text.add(
            .gauge,
            "whereabouts_pool_pending_addresses",
            "Addresses of a range that wait for their pods.",
            samples { "\($0.occupancy.pending)" }
        )
        text.add(
            .gauge,
            "whereabouts_pool_faults",
            "Networks whose configuration can't be used, and ranges that can't be read.",
            poolFaults
        )
    }
}

extension CNIError.Code {
    /// The cause in one word.
    fileprivate var cause: String {
        switch self {
        case .rangeFull: "range_full"
        case .recordUndecodable: "record_undecodable"
        case .datastoreRefused: "datastore_refused"
        case .checkFailed: "check_failed"
        case .addressTaken: "address_taken"
        case .invalidConfiguration: "invalid_configuration"
        case .invalidEnvironment: "invalid_environment"
        case .tryAgainLater: "try_again_later"
        case .unavailable: "unavailable"
        default: "other"
        }
    }
}
