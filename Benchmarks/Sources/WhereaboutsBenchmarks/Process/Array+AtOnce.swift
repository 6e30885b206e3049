internal import Dispatch
internal import Foundation
internal import Synchronization

extension Array where Element: Sendable {
    /// Calls a function with every element, each on a thread of its own; they begin when the last thread is ready.
    ///
    /// - Returns: What the function returned, in the order of the elements.
    func mapAtOnce<Value: Sendable>(_ body: @escaping @Sendable (Element) -> Value) -> [Value] {
        let values = Values<Value>()
        let (ready, gate, done) = (DispatchGroup(), DispatchGroup(), DispatchGroup())
        gate.enter()
        for (index, element) in enumerated() {
            ready.enter()
            done.enter()
            Thread.detachNewThread {
                ready.leave()
                gate.wait()
                let value = body(element)
                values.byIndex.withLock { $0[index] = value }
                done.leave()
            }
        }
        ready.wait()
        gate.leave()
        done.wait()
        return values.byIndex.withLock { byIndex in indices.compactMap { byIndex[$0] } }
    }

    /// Calls a function with every element, each on a thread of its own.
    ///
    /// - Throws: The first error, in the order of the elements, when all calls have ended.
    func forEachAtOnce(_ body: @escaping @Sendable (Element) throws -> Void) throws {
        for result in mapAtOnce({ element in Result { try body(element) } }) {
            try result.get()
        }
    }
}

private final class Values<Value: Sendable>: Sendable {
    let byIndex = Mutex<[Int: Value]>([:])
}
