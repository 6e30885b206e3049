/// Whether the pieces of a snapshot add up: their sizes to what the server announced, and their bytes to the SHA-256 that comes
/// last.
struct SnapshotCheck: ~Copyable {
    private let hash = RunningSHA256()
    /// The last bytes, which may be the digest, and are not in it then.
    private var held: [UInt8] = []
    /// The size of the store, once it is known.
    private var announced: UInt64?
    private(set) var written: UInt64 = 0

    /// How far the snapshot is.
    var progress: SnapshotProgress {
        let announced = announced ?? 0
        return SnapshotProgress(written: written, remaining: announced > written ? announced - written : 0)
    }

    /// Takes the next piece in.
    mutating func take(_ message: SnapshotMessage) {
        written += UInt64(message.blob.count)
        announced = announced ?? written + message.remaining
        held += message.blob
        let count = max(0, held.count - RunningSHA256.digestCount)
        hash.update(held[..<count])
        held.removeFirst(count)
    }

    /// What is wrong with the whole; nil when nothing is.
    var finding: String? {
        let expected = (announced ?? 0) + UInt64(RunningSHA256.digestCount)
        guard announced != nil, written == expected else {
            return "its size is \(written) bytes instead of \(expected)"
        }
        return hash.digest == held ? nil : "its SHA-256 does not match"
    }
}
