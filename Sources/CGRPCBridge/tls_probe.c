#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cgb_time.h"
#include "cgb_tls.h"
#include "client.h"

/// What the verification of the server's certificate leaves behind.
typedef struct verification {
    int error;
    char details[512];
} verification;

static cgb_tls_diagnosis diagnosis(cgb_tls_obstacle obstacle, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return (cgb_tls_diagnosis){.obstacle = obstacle, .details = cgb_checked(strdup(text))};
}

/// OpenSSL's reason for the last failure; empty where its texts were not loaded.
static const char *reason(void) {
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
        return diagnosis(cgb_tls_obstacle_certificate, "%s", reason());
    }
    for (X509 *next; (next = PEM_read_bio_X509(chain, NULL, NULL, NULL)) != NULL;) {
        SSL_CTX_add0_chain_cert(context, next);
    }
    BIO_free(chain);

    BIO *text = BIO_new_mem_buf(tls->private_key, -1);
    ERR_clear_error();
    EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, no_passphrase, NULL);
    BIO_free(text);
    cgb_tls_diagnosis result = diagnosis(cgb_tls_obstacle_none, "");
    if (key == NULL) {
        free(result.details);
        result = diagnosis(cgb_tls_obstacle_key, "%s", reason());
    } else if (X509_check_private_key(leaf, key) != 1) {
        free(result.details);
        result = diagnosis(cgb_tls_obstacle_mismatch, "%s", reason());
    } else if (SSL_CTX_use_PrivateKey(context, key) != 1) {
        free(result.details);
        result = diagnosis(cgb_tls_obstacle_key, "%s", reason());
    }
    X509_free(leaf);
    EVP_PKEY_free(key);
    return result;
}

/// Puts the texts, if there are any, into a context.
static cgb_tls_diagnosis fill(SSL_CTX *context, const cgb_tls *tls) {
    if (tls == NULL) return diagnosis(cgb_tls_obstacle_none, "");
    ERR_clear_error();
    if (add_authorities(context, tls->authorities) == 0) {
        return diagnosis(cgb_tls_obstacle_authorities, "%s", reason());
    }
    ERR_clear_error();
    if (tls->private_key != NULL) return add_identity(context, tls);
    return diagnosis(cgb_tls_obstacle_none, "");
}

static SSL_CTX *make_context(void) {
    SSL_CTX *context = cgb_checked(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    return context;
}

cgb_tls_diagnosis cgb_tls_check(const cgb_tls *tls) {
    SSL_CTX *context = make_context();
    cgb_tls_diagnosis result = fill(context, tls);
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

/// Tells what a certificate says of the error that it is at fault for.
static void describe(verification *kept, const X509 *certificate) {
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
    cgb_tls_diagnosis result = diagnosis(cgb_tls_obstacle_none, "");
    if (tls->certificate_chain == NULL) return result;
    BIO *chain = BIO_new_mem_buf(tls->certificate_chain, -1);
    X509 *leaf = PEM_read_bio_X509_AUX(chain, NULL, NULL, NULL);
    BIO_free(chain);
    if (leaf == NULL) {
        ERR_clear_error();
        return result;
    }
    verification kept = {.error = X509_V_OK};
    if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
        kept.error = X509_V_ERR_CERT_HAS_EXPIRED;
    } else if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0) {
        kept.error = X509_V_ERR_CERT_NOT_YET_VALID;
    }
    if (kept.error != X509_V_OK) {
        describe(&kept, leaf);
        free(result.details);
        result = diagnosis(cgb_tls_obstacle_refused, "%s", kept.details);
    }
    X509_free(leaf);
    return result;
}

/// Keeps the first error with what the certificate in question says, and ends the handshake.
static int keep_verification(int is_valid, X509_STORE_CTX *store) {
    if (is_valid) return 1;
    const SSL *connection = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    verification *kept = SSL_get_app_data(connection);
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    kept->error = X509_STORE_CTX_get_error(store);
    if (certificate != NULL) describe(kept, certificate);
    return 0;
}

/// Waits until the socket can be read or written; false when the deadline has passed.
static bool await(int file, short events, int64_t deadline) {
    for (;;) {
        int64_t left = (deadline - cgb_monotonic_now()) / 1000000;
        if (left <= 0) return false;
        struct pollfd entry = {.fd = file, .events = events};
        int count = poll(&entry, 1, left > 60000 ? 60000 : (int)left);
        if (count > 0) return true;
        if (count < 0 && errno != EINTR) return false;
    }
}

/// A connected socket that does not block, or -1 with errno.
static int connect_socket(const char *address, uint16_t port, int64_t deadline) {
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    bool is_v4 = inet_pton(AF_INET, address, &v4.sin_addr) == 1;
    if (!is_v4 && inet_pton(AF_INET6, address, &v6.sin6_addr) != 1) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    int file = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (file < 0) return -1;
    const struct sockaddr *name = is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6;
    int error = connect(file, name, is_v4 ? sizeof v4 : sizeof v6) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        socklen_t size = sizeof error;
        if (!await(file, POLLOUT, deadline)) {
            error = ETIMEDOUT;
        } else if (getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
    }
    if (error == 0) return file;
    close(file);
    errno = error;
    return -1;
}

/// How a step of a connection ended.
typedef enum step_end { step_done, step_expired, step_failed } step_end;

/// Repeats a step of the connection until it ends.
static step_end complete(SSL *connection, int file, int64_t deadline, int (*step)(SSL *)) {
    for (;;) {
        ERR_clear_error();
        int result = step(connection);
        if (result > 0) return step_done;
        int error = SSL_get_error(connection, result);
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return step_failed;
        if (!await(file, error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline)) return step_expired;
    }
}

/// Reads the first byte that the server says. An HTTP/2 server says its settings unasked (RFC 9113 section 3.4).
static int read_first_byte(SSL *connection) {
    char byte;
    return SSL_read(connection, &byte, 1);
}

/// Whether the last failure is an alert that the server sent.
static bool is_alert(void) { return ERR_GET_REASON(ERR_peek_last_error()) >= SSL_AD_REASON_OFFSET; }

static cgb_tls_diagnosis handshake(SSL *connection, int file, const verification *kept, int64_t deadline) {
    step_end end = complete(connection, file, deadline, SSL_connect);
    if (end == step_expired) return diagnosis(cgb_tls_obstacle_handshake, "the server does not answer in time");
    if (end == step_failed) {
        if (kept->error == X509_V_ERR_HOSTNAME_MISMATCH || kept->error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
            return diagnosis(cgb_tls_obstacle_name, "%s", kept->details);
        }
        if (kept->error != X509_V_OK) {
            return diagnosis(
                cgb_tls_obstacle_untrusted, "%s%s%s", X509_verify_cert_error_string(kept->error),
                kept->details[0] == '\0' ? "" : ": ", kept->details);
        }
        if (is_alert()) return diagnosis(cgb_tls_obstacle_refused, "%s", reason());
        if (SSL_get_state(connection) == TLS_ST_CW_CLNT_HELLO || SSL_get_state(connection) == TLS_ST_BEFORE ||
            ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER) {
            return diagnosis(cgb_tls_obstacle_no_tls, "%s", reason());
        }
        return diagnosis(cgb_tls_obstacle_handshake, "%s", reason());
    }
    const unsigned char *protocol;
    unsigned protocol_count;
    SSL_get0_alpn_selected(connection, &protocol, &protocol_count);
    if (protocol_count == 0) return diagnosis(cgb_tls_obstacle_no_tls, "it speaks TLS, and not HTTP/2");
    // Since TLS 1.3 a server judges the client's certificate when the client thinks that all is done. To write before
    // that is known could lose the server's alert to a reset.
    if (complete(connection, file, deadline, read_first_byte) == step_failed) {
        return diagnosis(
            cgb_tls_obstacle_refused, "%s", is_alert() ? reason() : "it closed the connection after the handshake");
    }
    return diagnosis(cgb_tls_obstacle_none, "");
}

cgb_tls_diagnosis cgb_tls_probe(
    const cgb_tls *tls, const char *address, uint16_t port, const char *server_name, int64_t deadline) {
    SSL_CTX *context = make_context();
    cgb_tls_diagnosis result = fill(context, tls);
    if (result.obstacle != cgb_tls_obstacle_none) {
        SSL_CTX_free(context);
        return result;
    }
    free(result.details);

    int file = connect_socket(address, port, deadline);
    if (file < 0) {
        SSL_CTX_free(context);
        return diagnosis(cgb_tls_obstacle_connection, "%s", strerror(errno));
    }
    verification kept = {.error = X509_V_OK};
    SSL *connection = cgb_checked(SSL_new(context));
    SSL_set_app_data(connection, &kept);
    SSL_set_verify(connection, SSL_VERIFY_PEER, keep_verification);
    SSL_set_alpn_protos(connection, (const unsigned char *)"\2h2", 3);
    X509_VERIFY_PARAM *parameters = SSL_get0_param(connection);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, server_name) != 1) {
        X509_VERIFY_PARAM_set1_host(parameters, server_name, 0);
        SSL_set_tlsext_host_name(connection, server_name);
    }
    SSL_set_fd(connection, file);
    // OpenSSL writes to sockets that the other side may have closed, and a process may leave SIGPIPE as it is.
    sigset_t broken_pipe, before;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
    result = handshake(connection, file, &kept, deadline);
    if (sigismember(&before, SIGPIPE) == 0) sigtimedwait(&broken_pipe, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    SSL_free(connection);
    close(file);
    SSL_CTX_free(context);
    ERR_clear_error();
    return result;
}
