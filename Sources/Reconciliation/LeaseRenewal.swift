internal import EtcdClient
internal import Synchronization

/// Renews a lease on a thread of its own, while the reconciler's waits for answers.
final class LeaseRenewal: Sendable {
    private let isEnded = Mutex(false)

    /// Begins to renew a lease.
    init(of lease: Int64, _ configuration: EtcdConfiguration) {
        BlockingThread.start { [self] in renew(lease, configuration) }
    }

    /// Lets the lease expire.
    func end() {
        isEnded.withLock { $0 = true }
    }

    private func renew(_ lease: Int64, _ configuration: EtcdConfiguration) {
        // One that can't be renewed expires, and then the reconciler's writes are refused.
        guard let keepAlive = try? LeaseKeepAlive(configuration) else { return }
        keepAlive.add(lease)
        while !isEnded.withLock({ $0 }) {
            do throws(EtcdError) {
                if let response = try keepAlive.next(deadline: .after(.milliseconds(500))) {
                    guard case .renewed = response.content else { return }
                }
            } catch {
                return
            }
        }
    }
}
