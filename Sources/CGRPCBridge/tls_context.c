#include "tls_context.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

cgb_tls_diagnosis cgb_diagnosis(cgb_tls_obstacle obstacle, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return (cgb_tls_diagnosis){.obstacle = obstacle, .details = cgb_checked(strdup(text))};
}

const char *cgb_tls_reason(void) {
    const char *text = ERR_reason_error_string(ERR_peek_last_error());
    return text == NULL ? "" : text;
}

/// Gives no passphrase, so that nobody is asked for one.
static int no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

static int add_authorities(SSL_CTX *context, const char *authorities) {
    BIO *text = BIO_new_mem_buf(authorities, -1);
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    // As gRPC has it: an intermediate authority may be the one that is trusted.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    int count = 0;
    for (X509 *certificate; (certificate = PEM_read_bio_X509_AUX(text, NULL, NULL, NULL)) != NULL; count++) {
        X509_STORE_add_cert(store, certificate);
        X509_free(certificate);
    }
    BIO_free(text);
    return count;
}

/// Puts chain and key into the context.
static cgb_tls_diagnosis add_identity(SSL_CTX *context, const cgb_tls *tls) {
    BIO *chain = BIO_new_mem_buf(tls->certificate_chain, -1);
    X509 *leaf = PEM_read_bio_X509_AUX(chain, NULL, NULL, NULL);
    if (leaf == NULL || SSL_CTX_use_certificate(context, leaf) != 1) {
        BIO_free(chain);
        X509_free(leaf);
        return cgb_diagnosis(cgb_tls_obstacle_certificate, "%s", cgb_tls_reason());
    }
    for (X509 *next; (next = PEM_read_bio_X509(chain, NULL, NULL, NULL)) != NULL;) {
        SSL_CTX_add0_chain_cert(context, next);
    }
    BIO_free(chain);

    BIO *text = BIO_new_mem_buf(tls->private_key, -1);
    ERR_clear_error();
    EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_passphrase, NULL);
    BIO_free(text);
    cgb_tls_diagnosis result = cgb_diagnosis(cgb_tls_obstacle_none, "");
    if (key == NULL) {
        free(result.details);
        result = cgb_diagnosis(cgb_tls_obstacle_key, "%s", cgb_tls_reason());
    } else if (X509_check_private_key(leaf, key) != 1) {
        free(result.details);
        result = cgb_diagnosis(cgb_tls_obstacle_mismatch, "%s", cgb_tls_reason());
    } else if (SSL_CTX_use_PrivateKey(context, key) != 1) {
        free(result.details);
        result = cgb_diagnosis(cgb_tls_obstacle_key, "%s", cgb_tls_reason());
    }
    X509_free(leaf);
    EVP_PKEY_free(key);
    return result;
}

cgb_tls_diagnosis cgb_tls_fill(SSL_CTX *context, const cgb_tls *tls) {
    if (tls == NULL) return cgb_diagnosis(cgb_tls_obstacle_none, "");
    ERR_clear_error();
    if (tls->authorities != NULL && add_authorities(context, tls->authorities) == 0) {
        return cgb_diagnosis(cgb_tls_obstacle_authorities, "%s", cgb_tls_reason());
    }
    ERR_clear_error();
    if (tls->private_key != NULL) return add_identity(context, tls);
    return cgb_diagnosis(cgb_tls_obstacle_none, "");
}

SSL_CTX *cgb_tls_context(void) {
    SSL_CTX *context = cgb_checked(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    return context;
}

cgb_tls_diagnosis cgb_tls_check(const cgb_tls *tls) {
    SSL_CTX *context = cgb_tls_context();
    cgb_tls_diagnosis result = cgb_tls_fill(context, tls);
    SSL_CTX_free(context);
    ERR_clear_error();
    return result;
}

/// Appends to a text of limited size.
static void append(char *text, size_t size, const char *format, ...) {
    size_t used = strlen(text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void append_name(char *text, size_t size, const X509_NAME *name) {
    char line[256] = "";
    BIO *memory = BIO_new(BIO_s_mem());
    X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253);
    int count = BIO_read(memory, line, sizeof line - 1);
    BIO_free(memory);
    if (count > 0) line[count] = '\0';
    append(text, size, "%s", line[0] == '\0' ? "nobody" : line);
}

static void append_time(char *text, size_t size, const ASN1_TIME *time) {
    struct tm parts;
    if (ASN1_TIME_to_tm(time, &parts) != 1) return;
    append(
        text, size, "%04d-%02d-%02dT%02d:%02d:%02dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
        parts.tm_hour, parts.tm_min, parts.tm_sec);
}

static void append_alternative_names(char *text, size_t size, const X509 *certificate) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    if (names == NULL) append(text, size, "it has no subject alternative name");
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        append(text, size, i == 0 ? "it is for " : ", ");
        if (name->type == GEN_DNS) {
            const unsigned char *bytes = ASN1_STRING_get0_data(name->d.dNSName);
            append(text, size, "%.*s", ASN1_STRING_length(name->d.dNSName), (const char *)bytes);
        } else if (name->type == GEN_IPADD) {
            char address[INET6_ADDRSTRLEN] = "?";
            int family = ASN1_STRING_length(name->d.iPAddress) == 4 ? AF_INET : AF_INET6;
            inet_ntop(family, ASN1_STRING_get0_data(name->d.iPAddress), address, sizeof address);
            append(text, size, "%s", address);
        } else {
            append(text, size, "another kind of name");
        }
    }
    GENERAL_NAMES_free(names);
}

void cgb_tls_describe(cgb_verification *kept, const X509 *certificate) {
    char *text = kept->details;
    size_t size = sizeof kept->details;
    switch (kept->error) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        append_alternative_names(text, size, certificate);
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        append(text, size, "the certificate of ");
        append_name(text, size, X509_get_subject_name(certificate));
        append(text, size, " was valid until ");
        append_time(text, size, X509_get0_notAfter(certificate));
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        append(text, size, "the certificate of ");
        append_name(text, size, X509_get_subject_name(certificate));
        append(text, size, " is valid from ");
        append_time(text, size, X509_get0_notBefore(certificate));
        break;
    default:
        append(text, size, "the certificate of ");
        append_name(text, size, X509_get_subject_name(certificate));
        append(text, size, " is signed by ");
        append_name(text, size, X509_get_issuer_name(certificate));
    }
}

cgb_tls_diagnosis cgb_tls_check_dates(const cgb_tls *tls) {
    cgb_tls_diagnosis result = cgb_diagnosis(cgb_tls_obstacle_none, "");
    if (tls->certificate_chain == NULL) return result;
    BIO *chain = BIO_new_mem_buf(tls->certificate_chain, -1);
    X509 *leaf = PEM_read_bio_X509_AUX(chain, NULL, NULL, NULL);
    BIO_free(chain);
    if (leaf == NULL) {
        ERR_clear_error();
        return result;
    }
    cgb_verification kept = {.error = X509_V_OK};
    if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
        kept.error = X509_V_ERR_CERT_HAS_EXPIRED;
    } else if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0) {
        kept.error = X509_V_ERR_CERT_NOT_YET_VALID;
    }
    if (kept.error != X509_V_OK) {
        cgb_tls_describe(&kept, leaf);
        free(result.details);
        result = cgb_diagnosis(cgb_tls_obstacle_refused, "%s", kept.details);
    }
    X509_free(leaf);
    return result;
}
