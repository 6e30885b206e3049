package import EtcdClient
internal import KubernetesClient
package import Logging

/// The journal of a node's pending releases, for a program beside the plugin that carries them out (docs/design/releases.md).
package struct NodeJournal: Hashable, Sendable {
    private let journal: ReleaseJournal
    private let kubeconfig: String?

    /// Makes a journal with the kubeconfig by which the plugin reaches the Kubernetes datastore.
    init(_ journal: ReleaseJournal, _ kubeconfig: String?) {
        self.journal = journal
        self.kubeconfig = kubeconfig
    }

    /// The directory.
    package var directory: String { journal.directory }

    /// The number of entries that wait, and of those that were set aside for an operator.
    ///
    /// - Throws: `JournalError` when the directory can't be trusted or read.
    package func count() throws(JournalError) -> (pending: Int, setAside: Int) {
        guard journal.exists else { return (0, 0) }
        return (try journal.names().count, journal.setAsideCount)
    }

    /// Carries entries of a store out, as the plugin's calls do; those of other stores stay.
    ///
    /// - Returns: The number of addresses that were released, and the number of entries that are left.
    /// - Throws: `DatastoreError` when no client can be made.
    package func drain(
        _ store: FlatFileSettings.Store,
        logger: Logger,
        deadline: Deadline
    ) throws(DatastoreError) -> (released: Int, pending: Int) {
        guard journal.mayHaveEntries else { return (0, 0) }
        let client: StoreClient
        let configuration: StoreConfiguration
        switch store {
        case .etcd(let etcd):
            configuration = .etcd(etcd)
            do throws(EtcdError) {
                client = .etcd(try EtcdClient(etcd))
            } catch {
                throw .etcd(error)
            }
        case .kubernetes(let group):
            // Entries name the store by the file that the plugin has; it says the namespace too.
            guard let kubeconfig else { return (0, 0) }
            configuration = .kubernetes(KubernetesConfiguration(kubeconfig: kubeconfig, group: group))
            do throws(KubernetesError) {
                client = .kubernetes(try KubernetesClient(.kubeconfig(path: kubeconfig)), group: group)
            } catch {
                throw .kubernetes(error)
            }
        }
        let drain = JournalDrain(journal: journal, client: client, store: configuration, logger: logger)
        let outcome = drain.run(.full, deadline: deadline)
        return (outcome.released, outcome.pending)
    }
}
