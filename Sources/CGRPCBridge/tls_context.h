#ifndef CGB_TLS_CONTEXT_H
#define CGB_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "cgb_tls.h"

/// What the verification of the server's certificate leaves behind.
typedef struct cgb_verification {
    int error;
    char details[512];
} cgb_verification;

/// A diagnosis with a text of its own.
cgb_tls_diagnosis cgb_diagnosis(cgb_tls_obstacle obstacle, const char *format, ...);

/// OpenSSL's reason for the last failure; empty where its texts were not loaded.
const char *cgb_tls_reason(void);

/// A context for connections of a client.
SSL_CTX *cgb_tls_context(void);

/// Puts the texts, if there are any, into a context.
cgb_tls_diagnosis cgb_tls_fill(SSL_CTX *context, const cgb_tls *tls);

/// Tells what a certificate says of the error that it is at fault for.
void cgb_tls_describe(cgb_verification *kept, const X509 *certificate);

#endif
