// Prints what happens to the keys of a prefix, until so many events: watch 127.0.0.1:2379 greetings/ 10
import AsyncEtcdClient
import EtcdClient

let arguments = CommandLine.arguments
guard arguments.count == 4, let limit = Int(arguments[3]) else { fatalError("usage: watch ENDPOINTS PREFIX EVENTS") }

let etcd = AsyncEtcdClient(EtcdConfiguration(endpoints: try Endpoint.list(arguments[1])))
var seen = 0

watching: for try await response in etcd.watch(WatchRequest(.prefix(Key(arguments[2])))) {
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
