internal import CNI
internal import EtcdClient
internal import IPAM
internal import Logging

extension Session {
    /// How long a DEL tries to reach the datastore before it leaves the release to the journal.
    ///
    /// A runtime that waited longer would find no fault with that, but the pod's end would wait for it.
    static let patienceBeforeJournal = Duration.seconds(10)

    /// What carries pending releases out; nil when there are none, which costs one system call.
    func pendingReleases() -> JournalDrain? {
        guard let journal = configuration.releaseJournal, journal.mayHaveEntries else { return nil }
        return JournalDrain(journal: journal, client: client, store: configuration.store, logger: logger)
    }

    /// Carries out what is pending of an attachment that is about to get addresses.
    ///
    /// Left for later it would find them, and take them for those that the attachment had before.
    ///
    /// - Throws: `CNIError` with code 11 when something stays pending.
    func settle(_ attachment: Attachment, _ pending: JournalDrain?, deadline: Deadline) throws(CNIError) {
        // Most often there is none, and then nobody need wait for others' to be carried out.
        guard let pending, pending.journal.mayHaveEntries(of: attachment) else { return }
        let outcome = pending.run(.awaited, of: attachment, deadline: deadline)
        guard outcome.pending == 0 else {
            throw CNIError(
                .tryAgainLater,
                "an earlier release of the same container is pending",
                details: outcome.obstacles.joined(separator: "; ")
            )
        }
    }

    /// Expects that no DEL of an attachment has been left to the journal while it was added.
    ///
    /// The entry frees what was made until its DEL began, and what was claimed behind that would be nobody's.
    ///
    /// - Throws: `CNIError` with code 11 when there is one; then nothing stays allocated.
    func expectNoRelease(of attachment: Attachment, deadline: Deadline) throws(CNIError) {
        guard let pending = pendingReleases(), pending.journal.mayHaveEntries(of: attachment) else { return }
        try call { datastore throws(DatastoreError) in
            _ = try datastore.release(attachment, deadline: deadline)
        }
        pending.run(.awaited, of: attachment, deadline: deadline)
        throw CNIError(DatastoreError.deleted(attachment))
    }

    /// Allocates; a range that is full, or that others may be about to fill, is tried again once the node's pending releases are carried out.
    ///
    /// - Throws: `CNIError` with code 11 instead of 100 when releases stay pending.
    func allocate(
        _ request: AllocationRequest,
        begin: NodeMoment,
        deadline: Deadline
    ) throws(CNIError) -> [Allocation] {
        let limit = ConfiguredLimit(key: "add_timeout", duration: configuration.addTimeout, deadline: deadline)
        var hasDrained = false
        while true {
            let failure: DatastoreError
            do throws(DatastoreError) {
                return try datastore.allocate(request, begin: begin, deadline: deadline)
            } catch {
                failure = error
            }
            let error = CNIError(failure, of: request, limit: limit)
            guard failure.isOfRange, let pending = pendingReleases() else {
                logger.error("\(error.details)")
                throw error
            }
            let outcome = pending.run(.awaited, deadline: deadline)
            // The first time another process may have carried them out since the allocation.
            guard hasDrained, outcome.released == 0 else {
                hasDrained = true
                continue
            }
            logger.error("\(error.details)")
            guard failure.isExhaustion, outcome.pending > 0 else { throw error }
            throw CNIError(
                .tryAgainLater,
                "range full while releases are pending",
                details: "\(error.details); \(outcome.pending) pending: \(outcome.obstacles.joined(separator: "; "))"
            )
        }
    }

    /// Releases what an attachment has, or leaves that to the journal when the datastore can't be reached.
    ///
    /// - Parameters:
    ///   - attachment: Whose addresses they are.
    ///   - time: When the DEL began.
    ///   - start: The same moment on the monotonic clock.
    /// - Throws: `CNIError` with code 11 when neither can be done; with the datastore's when it refused.
    func release(_ attachment: Attachment, time: NodeMoment, start: Deadline) throws(CNIError) {
        let deadline = start.advanced(by: configuration.deleteTimeout)
        let patience = configuration.releaseJournal.map { _ in start.advanced(by: Self.patienceBeforeJournal) }
        let failure: DatastoreError
        do throws(DatastoreError) {
            let released = try datastore.release(attachment, deadline: min(deadline, patience ?? deadline))
            logger.info("released", metadata: ["count": "\(released)"])
            pendingReleases()?.run(.full, deadline: deadline)
            return
        } catch {
            failure = error
        }
        logger.error("\(failure)")
        // A user that etcd refuses must not keep a pod from ending either.
        guard failure.isOfStore else { throw CNIError(failure) }
        let limit = ConfiguredLimit(key: "del_timeout", duration: configuration.deleteTimeout, deadline: deadline)
        let error = failure.isUnavailability ? CNIError(failure).naming(limit) : CNIError(failure)
        try context.keepRelease(of: attachment, time: time, because: error)
    }
}
