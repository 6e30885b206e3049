internal import AllocationHistory
internal import Foundation
internal import Synchronization

/// A node of a run: a name, the files that the plugin keeps on it, and what its runtime knows.
final class SimulatedNode: Sendable {
    /// The number among the nodes of the run.
    let number: Int
    /// The name that records carry.
    let name: String
    /// The directory of the node's pending releases.
    let journal: String
    /// The directory of the node's tokens.
    let tokens: String
    /// The node's own clock; nil for the machine's.
    let clock: NodeClock?

    private struct State {
        var known: Set<CallAttachment> = []
        var isCollecting = false
    }

    private let state = Mutex(State())

    /// Makes a node whose files are below a directory.
    init(_ number: Int, below directory: String, hasClock: Bool) throws {
        self.number = number
        name = "node-\(number)"
        let root = URL(fileURLWithPath: directory).appendingPathComponent(name)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        journal = root.appendingPathComponent("releases").path
        tokens = root.appendingPathComponent("tokens").path
        clock = hasClock ? try NodeClock(in: root) : nil
    }

    /// Begins a garbage collection, and returns the attachments that the node's runtime knows: those that it has begun to add and not
    /// deleted yet.
    func beginCollection() -> Set<CallAttachment> {
        state.withLock { state in
            state.isCollecting = true
            return state.known
        }
    }

    /// Ends a garbage collection.
    func endCollection() {
        state.withLock { $0.isCollecting = false }
    }

    /// Notes that the runtime begins to add an attachment, when no garbage is being collected.
    ///
    /// What began behind the making of the list and before the plugin's process would be garbage to it.
    func learn(of attachment: CallAttachment) async {
        while !state.withLock({ state in
            if !state.isCollecting { state.known.insert(attachment) }
            return !state.isCollecting
        }) {
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Notes that the runtime has deleted an attachment.
    func forget(_ attachment: CallAttachment) {
        state.withLock { _ = $0.known.remove(attachment) }
    }
}
