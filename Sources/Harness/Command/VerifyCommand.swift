internal import AllocationHistory
internal import ArgumentParser
internal import EtcdClient
internal import Whereabouts

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks what a store holds: every record readable, every index key in its place.",
        discussion:
            "It reads only. The exit status is 0 when nothing is wrong, 1 when something is, and 2 when the store can't be read."
    )

    @Option(help: "The etcd, as etcd_host takes it.") var endpoints: String
    @Option(help: "The network_name to look at. (default: every network)") var networkName: String?
    @OptionGroup var access: EtcdAccessOptions

    func run() async throws {
        let audit: StoreAudit
        do {
            let (etcd, networkName) = (access.etcd(at: endpoints), networkName)
            audit = try await blocking {
                let client = try EtcdClient(etcd.configuration())
                return try EtcdDatastore(client).audit(networkName: networkName, deadline: .after(.seconds(300)))
            }
        } catch {
            print("the store can't be read: \(error)")
            throw ExitCode(2)
        }
        for line in audit.inconsistencies { print(line) }
        let count = audit.inconsistencies.count
        print(
            "\(audit.entries.count.counting("record")) and \(audit.indexKeyCount.counting("index key")); "
                + (count == 0 ? "nothing is wrong" : "\(count.counting("key")) wrong")
        )
        guard count == 0 else { throw ExitCode.failure }
    }
}
