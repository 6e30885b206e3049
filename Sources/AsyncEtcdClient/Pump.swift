internal import Dispatch
internal import EtcdClient
internal import Synchronization

/// Runs a source that blocks on a thread of its own, and hands what comes of it to a task.
///
/// The source is made and used on that thread alone.
final class Pump<Element: Sendable>: Sendable {
    /// Blocks for the next element; nil is the end.
    typealias Source = () throws(EtcdError) -> Element?
    private typealias Outcome = Result<Element?, EtcdError>

    private struct State {
        var hasStarted = false
        var hasEnded = false
        /// Who waits for the next element.
        var reader: CheckedContinuation<Outcome, Never>?
        /// What came and was not asked for yet: the newest only.
        var ready: Outcome?
    }

    private let state = Mutex(State())
    private let request = DispatchSemaphore(value: 0)
    private let cancellation = Cancellation()
    private let isAhead: Bool
    private let makeSource: @Sendable (Cancellation) throws(EtcdError) -> Source

    /// Makes a pump that starts when the first element is asked for.
    ///
    /// With `ahead` the source is asked all the time, otherwise once for each element that is asked for.
    init(ahead: Bool, _ makeSource: @escaping @Sendable (Cancellation) throws(EtcdError) -> Source) {
        isAhead = ahead
        self.makeSource = makeSource
    }

    /// The next element; nil at the end, and from the moment on when the task is canceled.
    func next(isolation actor: isolated (any Actor)? = #isolation) async throws(EtcdError) -> Element? {
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { ask($0) }
        } onCancel: {
            cancel()
        }
        return try outcome.get()
    }

    /// Ends the source, wherever it blocks, and the thread.
    func cancel() {
        let reader = state.withLock { state in
            state.hasEnded = true
            state.ready = nil
            return state.reader.take()
        }
        reader?.resume(returning: .success(nil))
        cancellation.cancel()
        request.signal()
    }

    private func ask(_ reader: CheckedContinuation<Outcome, Never>) {
        let (answer, starts): (Outcome?, Bool) = state.withLock { state in
            if let ready = state.ready.take() { return (ready, false) }
            if state.hasEnded { return (.success(nil), false) }
            state.reader = reader
            defer { state.hasStarted = true }
            return (nil, !state.hasStarted)
        }
        if let answer {
            reader.resume(returning: answer)
            return
        }
        if starts {
            BlockingThread.start { self.run() }
        }
        request.signal()
    }

    /// What the thread does.
    private func run() {
        do throws(EtcdError) {
            let source = try makeSource(cancellation)
            while true {
                if !isAhead { request.wait() }
                if cancellation.isCanceled { return }
                let element = try source()
                deliver(.success(element))
                if element == nil { return }
            }
        } catch {
            deliver(.failure(error))
        }
    }

    private func deliver(_ outcome: Outcome) {
        let reader: CheckedContinuation<Outcome, Never>? = state.withLock { state in
            // Nobody is there any more.
            if state.hasEnded { return nil }
            if case .success(.some) = outcome {} else { state.hasEnded = true }
            if state.reader == nil { state.ready = outcome }
            return state.reader.take()
        }
        reader?.resume(returning: outcome)
    }
}
