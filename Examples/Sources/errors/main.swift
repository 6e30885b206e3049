// Tells failures apart: errors 127.0.0.1:2379
import EtcdClient

guard CommandLine.arguments.count == 2 else { fatalError("usage: errors ENDPOINTS") }
let client = try EtcdClient(connectionString: CommandLine.arguments[1])

/// Creates a key once, and finds out whether it did when the answer is missing.
func create(_ key: Key, token: String, with client: EtcdClient, deadline: Deadline) throws(EtcdError) -> Bool {
    let txn = Txn(if: [.isAbsent(key)], then: [.put(PutRequest(key, token))])
    do throws(EtcdError) {
        return try client.commit(txn, deadline: deadline).succeeded
    } catch {
        guard error.code == .outcomeUnknown else { throw error }
        // It may have been applied, or may still be: only the store knows.
        return try client.get(key, deadline: .after(.seconds(10)))?.value == Array(token.utf8)
    }
}

let deadline = Deadline.after(.seconds(10))
print("created:", try create("jobs/1", token: "host-a", with: client, deadline: deadline))
print("created:", try create("jobs/1", token: "host-b", with: client, deadline: deadline))
try client.deleteRange(DeleteRangeRequest(.single("jobs/1")), deadline: deadline)

do throws(EtcdError) {
    // A lease that nobody granted.
    try client.put(PutRequest("jobs/2", "host-a", lease: 4711), deadline: deadline)
} catch {
    switch error.code {
    case .server(.leaseNotFound): print("grant a lease first")
    case .server(let reason): print("etcd refuses:", reason.rawValue)
    case .unreachable, .timedOut: print("nothing was written, try later:", error)
    case .outcomeUnknown: print("read before trying again:", error)
    default: print("an operator has to look at it:", error)
    }
}

// One line with every endpoint that was tried, and what to do about it. Nobody listens on port 1.
do throws(EtcdError) {
    _ = try EtcdClient(connectionString: "127.0.0.1:1").get("jobs/1", deadline: .after(.seconds(1)))
} catch {
    print(error)
}
