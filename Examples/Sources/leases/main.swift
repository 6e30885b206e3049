// Announces a worker for as long as it lives: leases 127.0.0.1:2379
import EtcdClient

guard CommandLine.arguments.count == 2 else { fatalError("usage: leases ENDPOINTS") }
let configuration = EtcdConfiguration(endpoints: try Endpoint.list(CommandLine.arguments[1]))
let client = try EtcdClient(configuration)
let deadline = Deadline.after(.seconds(30))

// The key goes with the lease, and the lease with its worker.
let lease = try client.lease.grant(timeToLive: 5, deadline: deadline)
try client.put(PutRequest("workers/7", "here", lease: lease.id), deadline: deadline)

// Renew it; a connection of its own, which survives the loss of a member.
let keepAlive = try LeaseKeepAlive(configuration)
keepAlive.add(lease.id)
var renewals = 0
while renewals < 3, let response = try keepAlive.next(deadline: deadline) {
    switch response.content {
    case .renewed(let timeToLive):
        renewals += 1
        print("renewed, lives for \(timeToLive) s")
    case .notFound, .unanswered:
        fatalError("the lease is lost: whoever watches takes this worker for dead")
    }
}

if let state = try client.lease.timeToLive(of: lease.id, withKeys: true, deadline: deadline) {
    print("attached:", state.keys.map(\.description).joined(separator: ", "))
}

// A clean end need not wait for the lease to expire.
try client.lease.revoke(lease.id, deadline: deadline)
print("workers left:", try client.count(.prefix("workers/"), deadline: deadline))
