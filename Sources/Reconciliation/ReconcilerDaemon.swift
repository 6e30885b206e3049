internal import EtcdClient
internal import IPAM
internal import Logging
internal import Whereabouts

/// Reconciles again and again, after an interval or at the times that the flat file says, which may change.
struct ReconcilerDaemon {
    /// How often the flat file is looked at.
    private static let pollMilliseconds: UInt32 = 1000

    private let session: ReconcilerSession
    private let interval: Int64?

    /// Makes a daemon.
    ///
    /// - Parameters:
    ///   - session: What reconciles.
    ///   - interval: The seconds between two runs; nil for the times of the flat file.
    init(_ session: ReconcilerSession, interval: Int64?) {
        self.session = session
        self.interval = interval
    }

    /// Works until the process is told to end.
    ///
    /// - Throws: `.configuration` for a schedule that can't be used at the start, `.stopped`.
    func run() throws(ReconciliationError) -> Never {
        guard interval == nil else {
            _ = try session.flatFile()
            try runAtIntervals()
        }
        var schedule = try schedule()
        var next = schedule.next(after: Self.now)
        announce(next)
        while true {
            Pause.milliseconds(Self.pollMilliseconds)
            try expectGoingOn()
            do throws(ReconciliationError) {
                let present = try self.schedule()
                if present != schedule {
                    schedule = present
                    next = schedule.next(after: Self.now)
                    announce(next)
                }
            } catch {
                // A file that is being replaced is read again; the last schedule holds until then.
                session.logger.debug("\(error)")
            }
            guard let time = next, Self.now >= time else { continue }
            try reconcile()
            next = schedule.next(after: Self.now)
            announce(next)
        }
    }

    private func runAtIntervals() throws(ReconciliationError) -> Never {
        while true {
            try reconcile()
            let next = Deadline.after(.seconds(interval ?? 1))
            while !next.hasPassed {
                Pause.milliseconds(100)
                try expectGoingOn()
            }
        }
    }

    /// Reconciles once; what goes wrong is logged, and may go well the next time.
    private func reconcile() throws(ReconciliationError) {
        do throws(ReconciliationError) {
            _ = try session.run()
        } catch .taken(let name) {
            session.logger.notice("\(ReconciliationError.taken(by: name))")
        } catch {
            try expectGoingOn()
            session.logger.error("\(error)")
        }
    }

    private func expectGoingOn() throws(ReconciliationError) {
        guard Termination.received == nil else { throw .stopped }
    }

    private func schedule() throws(ReconciliationError) -> CronExpression {
        let flatFile = try session.flatFile()
        let text = flatFile.reconcilerCronExpression ?? "30 4 * * *"
        do throws(CronExpression.Flaw) {
            return try CronExpression(text)
        } catch {
            throw .configuration("\(flatFile.path): reconciler_cron_expression: \(text.debugDescription) \(error)")
        }
    }

    private func announce(_ next: Int64?) {
        guard let next else { return }
        session.logger.info("the next run is at \(Timestamp.text(secondsSince1970: next))")
    }

    private static var now: Int64 {
        WallClock.now() / 1_000_000_000
    }
}
