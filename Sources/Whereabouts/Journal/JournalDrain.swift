internal import EtcdClient
internal import IPAM
internal import Logging

/// Carries out the releases that a node's journal holds (docs/design/releases.md).
struct JournalDrain {
    /// How much one call does beside its own work.
    struct Limit {
        /// The number of entries.
        let entries: Int
        /// The time for all of them.
        let time: Duration
        /// How long another process that does the same is waited for.
        var patience = Duration.zero

        /// Of an ADD, whose pod waits.
        static let brief = Limit(entries: 128, time: .seconds(2))
        /// Of a call that nobody waits for.
        static let full = Limit(entries: 256, time: .seconds(10))
        /// Of an ADD that has no use for an address before.
        static let awaited = Limit(entries: 256, time: .seconds(10), patience: .seconds(10))
    }

    /// What was done.
    struct Outcome: Equatable {
        /// The number of addresses released.
        var released = 0
        /// The number of this store's entries that are left, and of those that nobody looked at.
        var pending = 0
        /// Why the first of them are, in order.
        var obstacles: [String] = []
        /// The number of other stores' entries that were met.
        var elsewhere = 0
    }

    let journal: ReleaseJournal
    let client: StoreClient
    /// The store that the client speaks to; entries for others are left alone.
    let store: StoreConfiguration
    let logger: Logger

    /// Carries entries out, all or those of one attachment.
    ///
    /// An entry that fails keeps no other one from being tried, unless etcd does not answer. They come in an order of chance, so
    /// that those which fail each time do not use up the limit of the others each time.
    @discardableResult
    func run(_ limit: Limit, of attachment: Attachment? = nil, deadline: Deadline) -> Outcome {
        var outcome = Outcome()
        do throws(JournalError) {
            let isDone: Void? = try journal.exclusively(patience: min(deadline, .after(limit.patience))) {
                let end = min(deadline, .after(limit.time))
                do throws(JournalError) {
                    try carryOut(journal.names(of: attachment).shuffled(), limit, &outcome, deadline: end)
                } catch {
                    fail(error.description, &outcome)
                }
                journal.removeUnfinished()
                _ = journal.mayHaveEntries
            }
            if isDone == nil {
                outcome.pending += 1
                outcome.obstacles.append("another process is at work on the releases that are pending")
            }
        } catch {
            fail(error.description, &outcome)
        }
        if outcome.released > 0 {
            logger.info("pending releases carried out", metadata: ["count": "\(outcome.released)"])
        }
        return outcome
    }

    private func carryOut(
        _ names: [String],
        _ limit: Limit,
        _ outcome: inout Outcome,
        deadline: Deadline
    ) throws(JournalError) {
        var carriedOut = 0
        var stranger: PendingRelease?
        defer { logStrangers(outcome.elsewhere, stranger) }
        for (index, name) in names.enumerated() {
            guard carriedOut < limit.entries, !deadline.hasPassed else {
                outcome.pending += names.count - index
                return
            }
            do throws(ReleaseJournal.EntryFault) {
                guard let release = try journal.entry(name) else { continue }
                guard release.store.isThat(of: store) else {
                    outcome.elsewhere += 1
                    stranger = release
                    continue
                }
                carriedOut += 1
                guard carryOut(release, name, &outcome, deadline: deadline) else {
                    outcome.pending += names.count - index - 1
                    return
                }
            } catch {
                switch error {
                case .damaged(let reason):
                    carriedOut += 1
                    setAside(name, because: reason, &outcome)
                case .unreadable(let reason): fail("the pending release \(name) can't be read: \(reason)", &outcome)
                }
            }
        }
    }

    private func logStrangers(_ count: Int, _ last: PendingRelease?) {
        guard let last else { return }
        let place = last.store.place
        logger.info(
            "pending releases are for another datastore, and wait for a call whose configuration leads to it",
            metadata: ["count": "\(count)", "endpoint": "\(place)"]
        )
    }

    /// Carries one entry out; false when it is no use to go on with the others.
    private func carryOut(
        _ release: PendingRelease,
        _ name: String,
        _ outcome: inout Outcome,
        deadline: Deadline
    ) -> Bool {
        let kept: Int
        do throws(DatastoreError) {
            // By the rule of the network that it is of, which need not be that of the call at hand.
            switch client {
            case .etcd(let client):
                let datastore = EtcdDatastore(client, retention: release.retention)
                let done = try datastore.release(release.attachment, createdUntil: release.moment, deadline: deadline)
                outcome.released += done.released
                kept = done.kept
            case .kubernetes(let client, let group):
                // The objects don't tell when an attachment got an address; its next ADD on the node carries this out first.
                let datastore = KubernetesDatastore(
                    client,
                    demands: release.store.demands,
                    group: group,
                    node: release.store.node,
                    network: release.network
                )
                outcome.released += try datastore.release(release.attachment, deadline: deadline)
                kept = 0
            }
        } catch {
            fail("the release of \(release.attachment) stays pending as \(name): \(error)", &outcome)
            return !error.isOfStore
        }
        guard kept == 0 else {
            let reason = "\(release.attachment) got \(kept) addresses after \(release.time), when it was deleted"
            setAside(name, because: reason, &outcome)
            return true
        }
        do throws(JournalError) {
            try journal.remove(name)
        } catch {
            fail(error.description, &outcome)
        }
        return true
    }

    /// Puts an entry where an operator finds it and no call tries it again.
    private func setAside(_ name: String, because reason: String, _ outcome: inout Outcome) {
        do throws(JournalError) {
            let path = try journal.setAside(name)
            logger.error("a pending release is set aside as \(path), and frees nothing: \(reason)")
        } catch {
            fail("the pending release \(name) frees nothing: \(reason); \(error)", &outcome)
        }
    }

    private func fail(_ obstacle: String, _ outcome: inout Outcome) {
        logger.error("\(obstacle)")
        outcome.pending += 1
        if outcome.obstacles.count < 3 {
            outcome.obstacles.append(obstacle)
        }
    }
}
