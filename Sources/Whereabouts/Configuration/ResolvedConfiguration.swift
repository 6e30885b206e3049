internal import CNI
internal import EtcdClient

/// A checked configuration, with what is known of where its values stand.
struct ResolvedConfiguration {
    let configuration: IPAMConfiguration
    /// What comes from the flat file; nil without one.
    let flatFile: FlatFileShare?

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
            guard case .invalidConfiguration(let field) = error.code else { throw CNIError(error) }
            let key = flatFile?.place(of: field.key) ?? field.key
            throw CNIError(.invalidConfiguration, "invalid configuration", details: "\(key): \(error)")
        }
    }
}
