package import ArgumentParser
internal import EtcdClient
package import KubernetesClient
package import Whereabouts

/// Where the datastore and the cluster are, as the options of a program say that looks after allocations.
package struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The flat file that says where allocations are kept. (default: where the plugin looks for it)",
            valueName: "file"
        )
    ) package var config: String?
    @Option(
        help: ArgumentHelp(
            "The kubeconfig file of the cluster. (default: the service account of the pod)",
            valueName: "file"
        )
    ) package var kubeconfig: String?
    @Option(
        help: ArgumentHelp(
            "The namespace of the objects of the kubernetes datastore. (default: WHEREABOUTS_NAMESPACE, or that of the cluster's context, or kube-system)"
        )
    ) package var namespace: String?

    /// Makes the options, which the parser fills.
    package init() {}

    /// Refuses what can't be.
    package func validate() throws {
        for (name, value) in [("--config", config), ("--kubeconfig", kubeconfig)] where value?.isEmpty ?? false {
            throw ValidationError("\(name) is empty; name a file, or leave the option out")
        }
        if namespace?.isEmpty ?? false {
            throw ValidationError("--namespace is empty; name one, or leave the option out")
        }
    }

    /// The API server.
    package var cluster: ClusterSource {
        kubeconfig.map { .kubeconfig(path: $0) } ?? .inCluster(environment: ProcessEnvironment.variables)
    }

    /// What the flat file says now.
    ///
    /// - Throws: `.configuration`.
    package func flatFile() throws(ReconciliationError) -> FlatFileSettings {
        do throws(ConfigurationError) {
            return try FlatFileSettings(path: config)
        } catch {
            throw .configuration("\(error)" + (config == nil ? " by --config" : ""))
        }
    }

    /// The store that a flat file names; nothing is connected yet.
    ///
    /// - Throws: `.configuration`, `.kubernetes`, `.datastore`.
    package func store(_ flatFile: FlatFileSettings) throws(ReconciliationError) -> any ReconciledStore {
        switch flatFile.store {
        case .etcd(let etcd):
            if let namespace {
                throw .configuration(
                    "--namespace \(namespace) is of the kubernetes datastore's objects, and \(flatFile.path) names the etcd datastore; leave it out, "
                        + "or name the flat file that is meant by --config"
                )
            }
            return try EtcdStore(etcd)
        case .kubernetes(let group):
            let namespace = namespace ?? ProcessEnvironment.variables["WHEREABOUTS_NAMESPACE"]
            return try KubernetesStore(cluster, group: group, namespace: namespace)
        }
    }
}
