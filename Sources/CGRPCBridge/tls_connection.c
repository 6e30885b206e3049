#include "cgb_tls_connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "cgb_time.h"
#include "client.h"
#include "tls_context.h"

struct cgb_tls_connection {
    int file;
    SSL_CTX *context;
    SSL *session;
    cgb_verification verification;
};

bool cgb_socket_await(int file, bool writes, int64_t deadline) {
    for (;;) {
        int64_t left = (deadline - cgb_monotonic_now()) / 1000000;
        if (left <= 0) {
            errno = ETIMEDOUT;
            return false;
        }
        struct pollfd entry = {.fd = file, .events = writes ? POLLOUT : POLLIN};
        int count = poll(&entry, 1, left > 60000 ? 60000 : (int)left);
        if (count > 0) return true;
        if (count < 0 && errno != EINTR) return false;
    }
}

int cgb_socket_connect(const char *address, uint16_t port, int64_t deadline) {
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
        if (!cgb_socket_await(file, true, deadline) || getsockopt(file, SOL_SOCKET, SO_ERROR, &error, &size) != 0) {
            error = errno;
        }
    }
    if (error == 0) return file;
    close(file);
    errno = error;
    return -1;
}

/// Keeps the first error with what the certificate in question says, and ends the handshake.
static int keep_verification(int is_valid, X509_STORE_CTX *store) {
    if (is_valid) return 1;
    const SSL *session = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    cgb_verification *kept = SSL_get_app_data(session);
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    kept->error = X509_STORE_CTX_get_error(store);
    if (certificate != NULL) cgb_tls_describe(kept, certificate);
    return 0;
}

/// A step of a connection: what OpenSSL is asked for, and with what.
typedef struct step {
    enum { step_handshake, step_peek, step_read, step_write } kind;
    void *bytes;
    int count;
} step;

static int take(SSL *session, step step) {
    switch (step.kind) {
    case step_handshake: return SSL_connect(session);
    case step_peek: return SSL_peek(session, step.bytes, step.count);
    case step_read: return SSL_read(session, step.bytes, step.count);
    case step_write: return SSL_write(session, step.bytes, step.count);
    }
    return -1;
}

/// Repeats a step until it ends: what it returns, 0 for the end of the connection, -1 with errno for a failure.
static int complete_unmasked(cgb_tls_connection *connection, step step, int64_t deadline) {
    for (;;) {
        ERR_clear_error();
        errno = 0;
        int result = take(connection->session, step);
        if (result > 0) return result;
        int error = SSL_get_error(connection->session, result);
        if (error == SSL_ERROR_ZERO_RETURN) return 0;
        if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
            if (errno == 0) errno = ECONNRESET;
            return -1;
        }
        if (!cgb_socket_await(connection->file, error == SSL_ERROR_WANT_WRITE, deadline)) return -1;
    }
}

/// The same without SIGPIPE: OpenSSL writes to sockets that the other side may have closed, and a process may leave that signal as it is.
static int complete(cgb_tls_connection *connection, step step, int64_t deadline) {
    sigset_t broken_pipe, before;
    sigemptyset(&broken_pipe);
    sigaddset(&broken_pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
    int result = complete_unmasked(connection, step, deadline);
    int error = errno;
    if (sigismember(&before, SIGPIPE) == 0) sigtimedwait(&broken_pipe, NULL, &(struct timespec){0});
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return result;
}

/// Whether the last failure is an alert that the server sent.
static bool is_alert(void) { return ERR_GET_REASON(ERR_peek_last_error()) >= SSL_AD_REASON_OFFSET; }

const char *cgb_tls_alert(void) { return is_alert() ? cgb_tls_reason() : NULL; }

static cgb_tls_diagnosis handshake(cgb_tls_connection *connection, int64_t deadline) {
    SSL *session = connection->session;
    if (complete(connection, (step){step_handshake}, deadline) <= 0) {
        const cgb_verification *kept = &connection->verification;
        if (errno == ETIMEDOUT) return cgb_diagnosis(cgb_tls_obstacle_handshake, "the server does not answer in time");
        if (kept->error == X509_V_ERR_HOSTNAME_MISMATCH || kept->error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
            return cgb_diagnosis(cgb_tls_obstacle_name, "%s", kept->details);
        }
        if (kept->error != X509_V_OK) {
            return cgb_diagnosis(
                cgb_tls_obstacle_untrusted, "%s%s%s", X509_verify_cert_error_string(kept->error),
                kept->details[0] == '\0' ? "" : ": ", kept->details);
        }
        if (is_alert()) return cgb_diagnosis(cgb_tls_obstacle_refused, "%s", cgb_tls_reason());
        if (SSL_get_state(session) == TLS_ST_CW_CLNT_HELLO || SSL_get_state(session) == TLS_ST_BEFORE ||
            ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER) {
            return cgb_diagnosis(cgb_tls_obstacle_no_tls, "%s", cgb_tls_reason());
        }
        return cgb_diagnosis(cgb_tls_obstacle_handshake, "%s", cgb_tls_reason());
    }
    const unsigned char *protocol;
    unsigned protocol_count;
    SSL_get0_alpn_selected(session, &protocol, &protocol_count);
    if (protocol_count == 0) return cgb_diagnosis(cgb_tls_obstacle_no_tls, "it speaks TLS, and not HTTP/2");
    return cgb_diagnosis(cgb_tls_obstacle_none, "");
}

cgb_tls_connection *cgb_tls_connection_start(
    int file, const cgb_tls *tls, cgb_tls_peer peer, int64_t deadline, cgb_tls_diagnosis *diagnosis) {
    SSL_CTX *context = cgb_tls_context();
    *diagnosis = cgb_tls_fill(context, tls);
    if (diagnosis->obstacle != cgb_tls_obstacle_none) {
        SSL_CTX_free(context);
        return NULL;
    }
    free(diagnosis->details);

    cgb_tls_connection *connection = cgb_checked(calloc(1, sizeof *connection));
    SSL *session = cgb_checked(SSL_new(context));
    *connection = (cgb_tls_connection){.file = file, .context = context, .session = session};
    connection->verification.error = X509_V_OK;
    SSL_set_app_data(session, &connection->verification);
    if (peer.is_verified) SSL_set_verify(session, SSL_VERIFY_PEER, keep_verification);
    SSL_set_alpn_protos(session, (const unsigned char *)"\2h2", 3);
    X509_VERIFY_PARAM *parameters = SSL_get0_param(session);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, peer.name) != 1) {
        X509_VERIFY_PARAM_set1_host(parameters, peer.name, 0);
        SSL_set_tlsext_host_name(session, peer.name);
    }
    SSL_set_fd(session, file);
    *diagnosis = handshake(connection, deadline);
    ERR_clear_error();
    if (diagnosis->obstacle == cgb_tls_obstacle_none) return connection;
    connection->file = -1;
    cgb_tls_connection_destroy(connection);
    return NULL;
}

ptrdiff_t cgb_tls_connection_read(cgb_tls_connection *connection, void *bytes, size_t count, int64_t deadline) {
    return complete(connection, (step){step_read, bytes, count > INT_MAX ? INT_MAX : (int)count}, deadline);
}

cgb_tls_diagnosis cgb_tls_connection_expect_word(cgb_tls_connection *connection, int64_t deadline) {
    char byte;
    if (complete(connection, (step){step_peek, &byte, 1}, deadline) > 0 || errno == ETIMEDOUT) {
        return cgb_diagnosis(cgb_tls_obstacle_none, "");
    }
    cgb_tls_diagnosis result = cgb_diagnosis(
        cgb_tls_obstacle_refused, "%s", is_alert() ? cgb_tls_reason() : "it closed the connection after the handshake");
    ERR_clear_error();
    return result;
}

bool cgb_tls_connection_write(cgb_tls_connection *connection, const void *bytes, size_t count, int64_t deadline) {
    const char *next = bytes;
    while (count > 0) {
        int written = complete(
            connection, (step){step_write, (void *)next, count > INT_MAX ? INT_MAX : (int)count}, deadline);
        if (written <= 0) return false;
        next += written;
        count -= (size_t)written;
    }
    return true;
}

void cgb_tls_connection_destroy(cgb_tls_connection *connection) {
    if (connection == NULL) return;
    SSL_free(connection->session);
    SSL_CTX_free(connection->context);
    if (connection->file >= 0) close(connection->file);
    free(connection);
    ERR_clear_error();
}
