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

    private let known = Mutex<Set<CallAttachment>>([])

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

    /// The attachments that the node's runtime knows at the moment: those that it has begun to add and not deleted yet.
    var attachments: Set<CallAttachment> { known.withLock { $0 } }

    /// Notes that the runtime begins to add an attachment.
    func learn(of attachment: CallAttachment) {
        known.withLock { _ = $0.insert(attachment) }
    }

    /// Notes that the runtime has deleted an attachment.
    func forget(_ attachment: CallAttachment) {
        known.withLock { _ = $0.remove(attachment) }
    }
}
