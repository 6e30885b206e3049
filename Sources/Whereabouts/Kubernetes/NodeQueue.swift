internal import EtcdClient
internal import SystemPackage

/// A node's calls that change the same pool object, one after the other.
///
/// All at once most of their changes would be in vain, and the API server's work on them lost. It is a courtesy: who can't have
/// the queue, or has waited in it for long enough, goes on as the calls of other nodes do (docs/design/kubernetes.md).
struct NodeQueue {
    /// How long the calls before are waited for, and which part of a call's time that is at most.
    private static let (patience, share) = (Duration.seconds(10), 4)
    /// The number of files; pool objects that share one wait for each other, and no file is ever left over.
    private static let fileCount: Int64 = 256

    /// The node.
    let node: String
    /// Where the locks are; gone with the host's next start.
    var directory = FilePath("/run/whereabouts/pools")

    /// Runs `body` when it is the call's turn at a pool object; it is told whether that took a wait, so that what was read before may be out of date.
    ///
    /// `body` may not wait for another turn at the same object, which is its own.
    func turn<Result>(
        at pool: String,
        of namespace: String,
        deadline: Deadline,
        _ body: (_ hasWaited: Bool) throws(DatastoreError) -> Result
    ) throws(DatastoreError) -> Result {
        try? directory.makeDirectories()
        var hash = FNV1a()
        hash.add("\(node)/\(namespace)/\(pool)")
        let file = directory.appending(String(hash.value(below: Self.fileCount)))
        let patience = min(Deadline.after(Self.patience), .after(deadline.remaining / Self.share))
        return try FileLock.exclusively(file, patience: patience) { turn throws(DatastoreError) in
            try body(turn == .afterOthers || turn == .outOfPatience)
        }
    }
}
