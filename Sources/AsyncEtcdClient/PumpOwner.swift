internal import EtcdClient

/// Ends a pump with the iteration that it is for; the pump's own thread keeps the pump.
final class PumpOwner<Element: Sendable>: Sendable {
    private let pump: Pump<Element>

    init(_ pump: Pump<Element>) {
        self.pump = pump
    }

    deinit {
        pump.cancel()
    }

    /// The next element; nil at the end and when the task is canceled.
    func next(isolation actor: isolated (any Actor)? = #isolation) async throws(EtcdError) -> Element? {
        try await pump.next()
    }
}
