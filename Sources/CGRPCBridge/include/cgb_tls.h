#ifndef CGB_TLS_H
#define CGB_TLS_H

#include <stddef.h>
#include <stdint.h>

/// The PEM texts that TLS connections are made with. All are borrowed, and copied by who keeps them.
///
/// gRPC parses them when the first connection begins; what it can't use shows as a connection that fails.
typedef struct cgb_tls {
    /// The certificates of the authorities that servers are trusted by; NULL only where no server is verified.
    const char *authorities;
    /// The client's certificate chain, or NULL; given together with the key.
    const char *certificate_chain;
    const char *private_key;
} cgb_tls;

/// What stands in the way of a TLS connection.
typedef enum __attribute__((enum_extensibility(closed))) cgb_tls_obstacle {
    cgb_tls_obstacle_none __attribute__((swift_name("none"))) = 0,
    /// OpenSSL can't read the authorities' certificates, the chain, or the key.
    cgb_tls_obstacle_authorities __attribute__((swift_name("authorities"))),
    cgb_tls_obstacle_certificate __attribute__((swift_name("certificate"))),
    cgb_tls_obstacle_key __attribute__((swift_name("key"))),
    /// The key is not that of the certificate.
    cgb_tls_obstacle_mismatch __attribute__((swift_name("mismatch"))),
    /// No TCP connection came about.
    cgb_tls_obstacle_connection __attribute__((swift_name("connection"))),
    /// The server did not answer as a TLS server does.
    cgb_tls_obstacle_no_tls __attribute__((swift_name("noTLS"))),
    /// The server's certificate is not trusted.
    cgb_tls_obstacle_untrusted __attribute__((swift_name("untrusted"))),
    /// The server's certificate is for other names.
    cgb_tls_obstacle_name __attribute__((swift_name("name"))),
    /// The server does not accept the client's certificate, or misses one.
    cgb_tls_obstacle_refused __attribute__((swift_name("refused"))),
    /// Any other failure of the handshake.
    cgb_tls_obstacle_handshake __attribute__((swift_name("handshake"))),
} cgb_tls_obstacle;

/// What was found out about a connection that gRPC could not make.
typedef struct cgb_tls_diagnosis {
    cgb_tls_obstacle obstacle;
    /// OpenSSL's words, and what the certificate in question says; never NULL, freed by the caller.
    char *details;
} cgb_tls_diagnosis;

/// Reduces this process's OpenSSL to what connections to an etcd need, so that it sets up in a fraction of the time.
///
/// For processes that use OpenSSL for nothing else, before their first client is made. Afterwards its default context has no other
/// cipher, digest or kind of key: no encrypted keys, no MD5, no DSA. Later calls do nothing.
void cgb_tls_reduce_openssl(void);

/// Parses the texts, as gRPC would, and tells which of them can't be used.
cgb_tls_diagnosis cgb_tls_check(const cgb_tls *tls);

/// Tells whether the dates of the client's certificate are against it: `cgb_tls_obstacle_refused` with what it says, or none.
///
/// gRPC does not look at them: it is the server that refuses the certificate.
cgb_tls_diagnosis cgb_tls_check_dates(const cgb_tls *tls);

/// Makes a TLS connection to a server, and tells what stands in the way.
///
/// gRPC knows the reason for which it does not trust a certificate, and does not tell it. Without `tls` no certificate is
/// trusted, and that it is not shows that the server speaks TLS. `address` is an IP address;
/// `server_name` the name or address that the certificate must be for. Ends by `deadline` (nanoseconds on CLOCK_MONOTONIC).
cgb_tls_diagnosis cgb_tls_probe(
    const cgb_tls *tls, const char *address, uint16_t port, const char *server_name, int64_t deadline);

#endif
