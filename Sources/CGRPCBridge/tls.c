#include <grpc/grpc_security.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "client.h"
#include "log.h"

/// Refuses a certificate without subject alternative names, whose common name gRPC would take for the host's (RFC 9525
/// section 2 rules that out, and so do etcd and its own tools). Called when the certificate is trusted and has the right name.
static int refuse_without_alternative_name(const char *host, const char *certificate, void *context) {
    (void)host;
    (void)context;
    BIO *text = BIO_new_mem_buf(certificate, -1);
    X509 *parsed = PEM_read_bio_X509(text, NULL, NULL, NULL);
    BIO_free(text);
    int position = parsed == NULL ? -1 : X509_get_ext_by_NID(parsed, NID_subject_alt_name, -1);
    X509_free(parsed);
    if (position >= 0) return 0;
    cgb_log_append("the server's certificate has no subject alternative name");
    return 1;
}

grpc_channel_credentials *cgb_tls_credentials(const cgb_tls *tls) {
    grpc_ssl_pem_key_cert_pair identity = {
        .private_key = tls->private_key,
        .cert_chain = tls->certificate_chain,
    };
    grpc_ssl_verify_peer_options options = {.verify_peer_callback = refuse_without_alternative_name};
    return grpc_ssl_credentials_create_ex(
        tls->authorities, tls->private_key == NULL ? NULL : &identity, &options, NULL);
}
