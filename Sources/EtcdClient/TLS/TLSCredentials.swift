internal import SystemPackage

/// What the files of a `TLSConfiguration` hold, or those of the host's trust store: PEM texts, looked through but not parsed.
struct TLSCredentials: Hashable {
    /// The certificates of the authorities that a server is trusted by.
    let authorities: String
    /// The client's certificate chain with its key.
    let identity: Identity?

    /// A certificate chain with the key of its first certificate.
    struct Identity: Hashable {
        let certificateChain: String
        let privateKey: Secret
    }

    /// Reads the files.
    ///
    /// - Throws: `.invalidConfiguration` with the file that can't be read or can't be what it should be.
    init(_ configuration: TLSConfiguration, trustStore: String? = TrustStore.file()) throws(EtcdError) {
        identity = try Self.identity(configuration)
        if let path = configuration.caFile {
            authorities = try Self.certificates(path, .caFile)
        } else if let trustStore {
            authorities = try Self.certificates(trustStore, .caFile)
        } else {
            throw EtcdError(
                .invalidConfiguration(.caFile),
                "no CA file is configured, and this host has no list of certificate authorities in any of the usual places",
                advice: "Name the file with the certificate of the CA that signed the servers' certificates."
            )
        }
    }

    private static func identity(_ configuration: TLSConfiguration) throws(EtcdError) -> Identity? {
        switch (configuration.certificateFile, configuration.keyFile) {
        case (nil, nil):
            return nil
        case (let certificate?, nil):
            throw EtcdError(
                .invalidConfiguration(.keyFile),
                "the client certificate \(certificate) is configured without its private key",
                advice: "Name the file with the key too."
            )
        case (nil, let key?):
            throw EtcdError(
                .invalidConfiguration(.certificateFile),
                "the private key \(key) is configured without its certificate",
                advice: "Name the file with the certificate too."
            )
        case (let certificate?, let key?):
            let chain = try certificates(certificate, .certificateFile)
            let privateKey = try read(key, .keyFile)
            guard privateKey.holdsPrivateKey else {
                throw unusable(
                    key,
                    .keyFile,
                    privateKey.holdsCertificate ? "holds a certificate and no private key" : "holds no PEM private key",
                    "Write the key as PEM: PKCS#8, PKCS#1 or SEC1."
                )
            }
            guard !privateKey.isEncrypted else {
                throw unusable(
                    key,
                    .keyFile,
                    "is encrypted, and nobody is there to give the passphrase",
                    "Decrypt it with: openssl pkey -in \(key) -out \(key).plain, and protect the result by its mode, 0600."
                )
            }
            return Identity(certificateChain: chain, privateKey: Secret(privateKey.text))
        }
    }

    private static func certificates(
        _ path: String,
        _ field: EtcdConfiguration.Field
    ) throws(EtcdError) -> String {
        let pem = try read(path, field)
        guard pem.holdsCertificate else {
            throw unusable(
                path,
                field,
                pem.holdsPrivateKey ? "holds a private key and no certificate" : "holds no PEM certificate",
                "Write the certificate as PEM, a text with the line -----BEGIN CERTIFICATE-----."
            )
        }
        return pem.text
    }

    private static func read(_ path: String, _ field: EtcdConfiguration.Field) throws(EtcdError) -> PEM {
        do throws(Errno) {
            return PEM(try FileDescriptor.contents(of: FilePath(path)))
        } catch {
            throw unusable(path, field, "can't be read: \(error)", "Check the path and the mode of the file.")
        }
    }

    private static func unusable(
        _ path: String,
        _ field: EtcdConfiguration.Field,
        _ reason: String,
        _ advice: String
    ) -> EtcdError {
        EtcdError(.invalidConfiguration(field), "\(path) \(reason)", advice: advice)
    }
}
