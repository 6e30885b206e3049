internal import SystemPackage

/// The host's own list of certificate authorities.
package enum TrustStore {
    /// Where the distributions keep it, in one file of PEM certificates.
    package static let paths = [
        // Debian, Ubuntu, Arch, Gentoo
        "/etc/ssl/certs/ca-certificates.crt",
        // Fedora, RHEL, CentOS
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        // SUSE
        "/var/lib/ca-certificates/ca-bundle.pem",
        "/etc/ssl/ca-bundle.pem",
        // Alpine, Flatcar
        "/etc/ssl/cert.pem",
    ]

    /// The first of the files that exists.
    package static func file(among paths: [String] = paths) -> String? {
        paths.first { FilePath($0).isReadable }
    }
}
