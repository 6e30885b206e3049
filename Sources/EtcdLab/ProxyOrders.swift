internal import Synchronization

/// What a proxy is told to do with its connections at the moment, what it leaves to chance, and what came of it.
final class ProxyOrders: Sendable {
    private struct State {
        var conduct = MemberProxy.Conduct.forwarding
        var random: SplitMix64
        var cutCount = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64) {
        state = Mutex(State(random: SplitMix64(seed: seed)))
    }

    var conduct: MemberProxy.Conduct {
        get { state.withLock { $0.conduct } }
        set { state.withLock { $0.conduct = newValue } }
    }

    /// How much longer the next bytes take; nil for no longer.
    func nextDelay() -> Duration? {
        state.withLock { state in
            guard case .delaying(let range) = state.conduct else { return nil }
            let width = (range.upperBound - range.lowerBound) / .microseconds(1)
            return range.lowerBound + .microseconds(Int64(.random(in: 0...max(0, width), using: &state.random)))
        }
    }

    /// Behind which turn of the client a new connection is to be cut, if connections are: handshakes, authentication, reads and
    /// transactions of a plugin's call are all among the first few.
    func nextTurnToCut() -> Int {
        state.withLock { .random(in: 1...6, using: &$0.random) }
    }

    func countCut() {
        state.withLock { $0.cutCount += 1 }
    }

    var cutCount: Int { state.withLock { $0.cutCount } }
}
