internal import EtcdLab
internal import Foundation
internal import Synchronization

/// A function that runs on a thread of its own, while the test goes on.
public final class BackgroundCall<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    /// Starts the function.
    public init(_ body: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread { [self] in
            let outcome = Result(catching: body)
            result.withLock { $0 = outcome }
            done.signal()
        }
    }

    /// Waits for the function's end and returns its value or throws its error.
    public func value() throws -> Value {
        done.wait()
        defer { done.signal() }
        return try result.withLock { $0 }.get(orThrow: CancellationError())
    }
}

extension Optional {
    fileprivate func get<Success>(orThrow error: any Error) throws -> Success
    where Wrapped == Result<Success, any Error> {
        guard let self else { throw error }
        return try self.get()
    }
}
