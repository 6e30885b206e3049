// Writes, reads and deletes a few keys: getting-started 127.0.0.1:2379
import EtcdClient

guard CommandLine.arguments.count == 2 else { fatalError("usage: getting-started ENDPOINTS") }
let configuration = EtcdConfiguration(endpoints: try Endpoint.list(CommandLine.arguments[1]))
let client = try EtcdClient(configuration)
// One deadline for all that follows.
let deadline = Deadline.after(.seconds(10))

// Write a key.
try client.put(PutRequest("greetings/en", "hello"), deadline: deadline)
try client.put(PutRequest("greetings/fr", "bonjour"), deadline: deadline)

// Read it: a value is bytes.
if let greeting = try client.get("greetings/en", deadline: deadline) {
    print(String(decoding: greeting.value, as: UTF8.self), "is version", greeting.version)
}

// Read all keys with a prefix, a page of 100 at a time, and all of them at one revision.
var pages = client.pages(of: .prefix("greetings/"), size: 100)
while let page = try pages.next(deadline: deadline) {
    for entry in page {
        print(entry.key, "=", String(decoding: entry.value, as: UTF8.self))
    }
}

// Delete them.
let response = try client.deleteRange(DeleteRangeRequest(.prefix("greetings/")), deadline: deadline)
print("deleted", response.deleted)
