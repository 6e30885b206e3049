// Connects over TLS with a client certificate: tls https://127.0.0.1:2379 ca.crt client.crt client.key
import EtcdClient

let arguments = CommandLine.arguments
guard arguments.count == 5 else { fatalError("usage: tls ENDPOINTS CA-FILE CERTIFICATE-FILE KEY-FILE") }

var configuration = EtcdConfiguration(endpoints: try Endpoint.list(arguments[1]))
configuration.tls = TLSConfiguration(caFile: arguments[2], certificateFile: arguments[3], keyFile: arguments[4])
// The files are read with the client, and again when a connection fails, so a rotation needs no restart.
let client = try EtcdClient(configuration)

let deadline = Deadline.after(.seconds(10))
let status = try client.maintenance.status(deadline: deadline)
print("etcd", status.version, "over TLS")

// Without the certificate this etcd lets nobody in.
configuration.tls = TLSConfiguration(caFile: arguments[2])
do throws(EtcdError) {
    _ = try EtcdClient(configuration).maintenance.status(deadline: deadline)
    print("this etcd demands no certificate")
} catch {
    print("refused:", error.code, "-", error.message)
}
