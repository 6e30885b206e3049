// Calls as a user of etcd's own, with a token that the next process finds: users 127.0.0.1:2379 NAME PASSWORD DIRECTORY
import EtcdClient

let arguments = CommandLine.arguments
guard arguments.count == 5 else { fatalError("usage: users ENDPOINTS NAME PASSWORD DIRECTORY") }

var configuration = EtcdConfiguration(endpoints: try Endpoint.list(arguments[1]))
configuration.user = UserCredentials(name: arguments[2], password: Secret(arguments[3]))
// For processes that live shortly: a token costs etcd tens of milliseconds.
configuration.tokenCache = TokenCache(directory: arguments[4])
let client = try EtcdClient(configuration)

do throws(EtcdError) {
    try client.put(PutRequest("users/last", arguments[2]), deadline: .after(.seconds(10)))
    print(arguments[2], "may write")
} catch {
    // A wrong password, a missing role and a missing permission have a code each.
    print("refused:", error.code, "-", error.message)
}
