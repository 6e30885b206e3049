internal import EtcdClient
internal import KubernetesClient
internal import Synchronization

/// That this is the only reconciler of a namespace, by a Lease object that is renewed on a thread of its own.
final class KubernetesLease: Sendable {
    private static let interval = Duration.seconds(4)

    private struct State {
        /// Until when the lease is certainly held, reckoned from before each renewal.
        var heldUntil: Deadline
        var isEnded = false
    }

    private let object: LeaseObject
    private let state: Mutex<State>

    /// Takes the lease.
    ///
    /// - Throws: `.taken`, `.kubernetes`.
    init(
        _ object: LeaseObject,
        of client: KubernetesClient,
        renewedBy source: ClusterSource,
        deadline: Deadline
    ) throws(ReconciliationError) {
        self.object = object
        let begin = Deadline.now
        let outcome: LeaseObject.Outcome
        do throws(KubernetesError) {
            outcome = try object.take(client, deadline: deadline)
        } catch {
            throw .kubernetes(error)
        }
        switch outcome {
        case .held(let version):
            state = Mutex(State(heldUntil: begin.advanced(by: LeaseObject.duration)))
            BlockingThread.start { [self] in renew(source, version) }
        case .taken(let holder): throw .taken(by: holder)
        }
    }

    /// Whether it is certainly held.
    var isHeld: Bool {
        state.withLock { !$0.isEnded && !$0.heldUntil.hasPassed }
    }

    /// Lets others take it at once, as far as the server answers.
    func release(_ client: KubernetesClient, deadline: Deadline) {
        let wasHeld = isHeld
        state.withLock { $0.isEnded = true }
        if wasHeld { try? object.give(client, deadline: deadline) }
    }

    private func renew(_ source: ClusterSource, _ version: String) {
        guard let client = try? KubernetesClient(source) else { return }
        var version = version
        while true {
            // Looked at often, so that the thread ends soon with the lease.
            let next = Deadline.after(Self.interval)
            while !next.hasPassed {
                guard isHeld else { return }
                Pause.milliseconds(100)
            }
            let begin = Deadline.now
            let limit = Deadline.after(Self.interval)
            // What fails is tried again as long as the lease lasts.
            guard let outcome = try? object.renew(client, version, deadline: limit) else { continue }
            guard case .held(let renewed) = outcome else {
                state.withLock { $0.isEnded = true }
                return
            }
            version = renewed
            state.withLock { $0.heldUntil = begin.advanced(by: LeaseObject.duration) }
        }
    }
}
