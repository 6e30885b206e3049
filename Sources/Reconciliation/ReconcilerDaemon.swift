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
    /// - Throws: `.configuration` for what can't be used at the start, `.stopped`.
    func run() throws(ReconciliationError) -> Never {
        try session.check()
        guard interval == nil else { try runAtIntervals() }
        var next = NextRun(try schedule(), after: Self.now)
        var flaw = RecurringFlaw()
        announce(next)
        while true {
            Pause.milliseconds(Self.pollMilliseconds)
            try expectGoingOn()
            do throws(ReconciliationError) {
                let present = try self.schedule()
                tell(flaw.look(nil))
                if present != next.schedule {
                    next = NextRun(present, after: Self.now)
                    announce(next)
                }
            } catch {
                tell(flaw.look("\(error)"))
            }
            if next.isMoved(at: Self.now) { announce(next) }
            guard next.isDue(at: Self.now) else { continue }
            try reconcile()
            next = NextRun(next.schedule, after: Self.now)
            announce(next)
        }
    }

    private func tell(_ news: RecurringFlaw.News?) {
        switch news {
        case .flaw(let text): session.logger.warning("\(text); the last schedule holds until that is mended")
        case .over: session.logger.notice("reconciler_cron_expression can be used again")
        case nil: break
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

    private func announce(_ next: NextRun) {
        guard let time = next.time else { return }
        session.logger.info("the next run is at \(Timestamp.text(secondsSince1970: time))")
    }

    private static var now: Int64 {
        WallClock.now() / 1_000_000_000
    }
}
