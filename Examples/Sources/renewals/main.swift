// Keeps a lease alive from a task: renewals 127.0.0.1:2379
import AsyncEtcdClient
import EtcdClient

guard CommandLine.arguments.count == 2 else { fatalError("usage: renewals ENDPOINTS") }
let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(CommandLine.arguments[1])))

// Other calls run on a thread of their own, with a client that lives as long.
let lease = try await etcd.withClient { client in
    try client.lease.grant(timeToLive: 3, deadline: .after(.seconds(10))).id
}

var renewals = 0
for try await seconds in etcd.keepAlive(lease) {
    print("renewed, lives for \(seconds) s")
    renewals += 1
    // The lease expires behind the loop.
    if renewals == 2 { break }
}
