internal import CNI
internal import EtcdClient
internal import KubernetesClient

/// A checked configuration, with what is known of where its values stand.
struct ResolvedConfiguration {
    let configuration: IPAMConfiguration
    /// What comes from the flat file; nil without one.
    let flatFile: FlatFileShare?
    /// What is wrong with a part of the configuration that a release does without; nil for nothing.
    var leftAside: ConfigurationFailure?

    /// Makes the client for the configuration's store and reads the files that it names; nothing is connected yet.
    ///
    /// - Parameter isWholeProcess: Whether the process uses OpenSSL for nothing else.
    /// - Returns: The client, which connects when it is first used.
    /// - Throws: `CNIError` with code 7, which names the key and, for one of the flat file, that file.
    func makeClient(isWholeProcess: Bool) throws(CNIError) -> StoreClient {
        switch configuration.store {
        case .etcd(let etcd):
            return .etcd(try makeEtcdClient(etcd, isWholeProcess: isWholeProcess))
        case .kubernetes(let kubernetes):
            do throws(KubernetesError) {
                let client = try KubernetesClient(.kubeconfig(path: kubernetes.kubeconfig))
                return .kubernetes(client, group: kubernetes.group)
            } catch {
                let key = flatFile?.place(of: "kubernetes", beside: nil) ?? "kubernetes.kubeconfig"
                throw CNIError(.invalidConfiguration, "invalid configuration", details: "\(key): \(error)")
            }
        }
    }

    private func makeEtcdClient(_ etcd: EtcdConfiguration, isWholeProcess: Bool) throws(CNIError) -> EtcdClient {
        do throws(EtcdError) {
            var etcd = etcd
            etcd.tls.reducesOpenSSL = isWholeProcess
            return try EtcdClient(etcd)
        } catch {
            throw refusal(error)
        }
    }

    /// Checks the files that the configuration names as a call of the plugin would do when it connects.
    ///
    /// - Returns: What is to be noted of them.
    /// - Throws: As above.
    func checkFiles() throws(CNIError) -> [String] {
        guard case .etcd(let client) = try makeClient(isWholeProcess: false) else { return [] }
        do throws(EtcdError) {
            try client.checkTLSFiles()
        } catch {
            throw refusal(error)
        }
        return client.clientCertificateDates.map { ["\(EtcdConfiguration.Field.certificateFile.key): \($0)"] } ?? []
    }

    private func refusal(_ error: EtcdError) -> CNIError {
        guard case .invalidConfiguration(let field) = error.code else { return CNIError(error) }
        return CNIError(.invalidConfiguration, "invalid configuration", details: "\(place(of: field)): \(error)")
    }

    /// The key of a field as an error names it; of a pair that lacks one, the other tells where it stands.
    private func place(of field: EtcdConfiguration.Field) -> String {
        guard let flatFile, let tls = configuration.store.etcd?.tls else { return field.key }
        let given: EtcdConfiguration.Field =
            switch field {
            case .keyFile where tls.keyFile == nil: .certificateFile
            case .certificateFile where tls.certificateFile == nil: .keyFile
            default: field
            }
        return flatFile.place(of: field.key, beside: given.key)
    }
}
