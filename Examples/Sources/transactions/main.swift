// Counts with compare-and-swap, without a lock: transactions 127.0.0.1:2379
import EtcdClient

guard CommandLine.arguments.count == 2 else { fatalError("usage: transactions ENDPOINTS") }
let client = try EtcdClient(connectionString: CommandLine.arguments[1])
let deadline = Deadline.after(.seconds(10))

/// Adds one to the number under a key, whoever else does so at the same time, and returns the sum.
func increment(_ key: Key, with client: EtcdClient, deadline: Deadline) throws(EtcdError) -> Int {
    var current = try client.get(key, deadline: deadline)
    while true {
        let sum = (current.flatMap { Int(String(decoding: $0.value, as: UTF8.self)) } ?? 0) + 1
        let condition =
            current.map { Compare.isUnchanged(key, since: $0.modRevision) } ?? Compare.isAbsent(key)
        let txn = Txn(
            if: [condition],
            then: [.put(PutRequest(key, String(sum)))],
            else: [.range(RangeRequest(.single(key)))]
        )
        let response = try client.commit(txn, deadline: deadline)
        if response.succeeded { return sum }
        // Somebody was faster; the transaction has brought what is there now.
        if case .range(let range)? = response.results.first {
            current = range.keyValues.first
        }
    }
}

print("counter =", try increment("counter", with: client, deadline: deadline))
print("counter =", try increment("counter", with: client, deadline: deadline))

// Several keys, all or none: conditions may be on any property, and on whole ranges.
let move = Txn(
    if: [Compare("counter", .greater, .version(1)), .isAbsent("archive/counter")],
    then: [.put(PutRequest("archive/counter", "2")), .deleteRange(DeleteRangeRequest(.single("counter")))]
)
print("moved:", try client.commit(move, deadline: deadline).succeeded)
print("moved again:", try client.commit(move, deadline: deadline).succeeded)
try client.deleteRange(DeleteRangeRequest(.prefix("archive/")), deadline: deadline)
