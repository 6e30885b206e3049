// Prints what happens to the keys of a prefix, until so many events: watch 127.0.0.1:2379 greetings/ 10
import AsyncEtcdClient
import EtcdClient

let arguments = CommandLine.arguments
guard arguments.count == 4, let limit = Int(arguments[3]) else { fatalError("usage: watch ENDPOINTS PREFIX EVENTS") }

let prefix = Key(arguments[2])
let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(arguments[1])))

// What is there, and the revision behind which nothing may be missed.
let revision = try await etcd.withClient { client in
    let found = try client.range(RangeRequest(.prefix(prefix)), deadline: .after(.seconds(10)))
    print("found", found.keyValues.count)
    return found.header?.revision ?? 0
}

let responses = etcd.watch(
    WatchRequest(.prefix(prefix), startRevision: revision + 1),
    onInterruption: { error in print(error.map { "interrupted: \($0)" } ?? "going on") }
)
var seen = 0
watching: for try await response in responses {
    switch response.content {
    case .created(let revision):
        print("watching from revision", revision)
    case .events(let events):
        for event in events {
            let value = String(decoding: event.keyValue.value, as: UTF8.self)
            print(event.revision, event.kind, event.key, value)
        }
        seen += events.count
        if seen >= limit { break watching }
    case .progress:
        continue
    case .canceled(let reason):
        print("the watch has ended:", reason)
    }
}
