internal import CNI
internal import EtcdClient

/// A checked configuration, with what is known of where its values stand.
struct ResolvedConfiguration {
    let configuration: IPAMConfiguration
    /// What comes from the flat file; nil without one.
    let flatFile: FlatFileShare?
    /// What is wrong with a part of the configuration that a release does without; nil for nothing.
    var leftAside: ConfigurationFailure?

    /// Makes the client for the configuration's etcd and reads its TLS files; nothing is connected yet.
    ///
    /// - Parameter isWholeProcess: Whether the process uses OpenSSL for nothing else.
    /// - Returns: The client, which connects when it is first used.
    /// - Throws: `CNIError` with code 7, which names the key and, for one of the flat file, that file.
    func makeClient(isWholeProcess: Bool) throws(CNIError) -> EtcdClient {
        do throws(EtcdError) {
            var etcd = configuration.etcd
            etcd.tls.reducesOpenSSL = isWholeProcess
            return try EtcdClient(etcd)
        } catch {
            throw refusal(error)
        }
    }

    /// Checks the TLS files as a call of the plugin would do when it connects.
    ///
    /// - Returns: What is to be noted of them.
    /// - Throws: As above.
    func checkTLSFiles() throws(CNIError) -> [String] {
        let client = try makeClient(isWholeProcess: false)
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
        guard let flatFile else { return field.key }
        let tls = configuration.etcd.tls
        let given: EtcdConfiguration.Field =
            switch field {
            case .keyFile where tls.keyFile == nil: .certificateFile
            case .certificateFile where tls.certificateFile == nil: .keyFile
            default: field
            }
        return flatFile.place(of: field.key, beside: given.key)
    }
}
