import TestSupport

/// What the client has no call for, done with etcdctl.
enum EtcdControl {
    /// Grants a lease of ten minutes and returns its number.
    static func grantLease(_ endpoint: String) throws -> Int64 {
        // "lease 694d7a5c8f1e2b03 granted with TTL(600s)"
        let output = try RunningProcess.run("etcdctl", "--endpoints", endpoint, "lease", "grant", "600")
        let words = output.split(separator: " ")
        guard words.count > 1, let lease = Int64(words[1], radix: 16) else { throw Unexpected(output: output) }
        return lease
    }

    /// Forgets what the store was before a revision.
    static func compact(_ endpoint: String, revision: Int64) throws {
        try RunningProcess.run("etcdctl", "--endpoints", endpoint, "compaction", String(revision))
    }

    struct Unexpected: Error {
        let output: String
    }
}
