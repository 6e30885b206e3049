#include "connection.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer.h"
#include "cgb_checked.h"
#include "cgb_time.h"
#include "exchange.h"
#include "outcome.h"
#include "tunnel.h"

// The server may send so much of a response before it waits for word that it was read; a pool of a /16 fits.
#define WINDOW (16 << 20)

static nghttp2_session *make_session(void) {
    nghttp2_session_callbacks *callbacks;
    nghttp2_option *options;
    nghttp2_session *session;
    if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&options) != 0) abort();
    exchange_set_callbacks(callbacks);
    // The server hears that a stream was read only when it was: one that nobody reads does not grow beyond the window.
    nghttp2_option_set_no_auto_window_update(options, 1);
    if (nghttp2_session_client_new2(&session, callbacks, NULL, options) != 0) abort();
    nghttp2_option_del(options);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
    };
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, sizeof settings / sizeof *settings);
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, WINDOW);
    return session;
}

/// How much the other end has said on a socket.
static uint64_t received_count(int file) {
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    return getsockopt(file, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}

chb_connection *chb_connection_open(
    const chb_target *target, const cgb_tls *tls, int64_t deadline, chb_outcome *outcome) {
    int file = cgb_socket_connect(target->address, target->port, deadline);
    if (file < 0) {
        *outcome = outcome_failure(errno == ETIMEDOUT ? chb_failure_expired : chb_failure_connection, "%s", strerror(errno));
        return NULL;
    }
    if (target->tunnel != NULL && !tunnel_open(file, target, deadline, outcome)) {
        close(file);
        return NULL;
    }
    uint64_t received = received_count(file);
    cgb_tls_diagnosis diagnosis;
    cgb_tls_peer peer = {.name = target->server_name, .is_verified = target->is_verified};
    cgb_tls_connection *secure = cgb_tls_connection_start(file, tls, peer, deadline, &diagnosis);
    if (secure == NULL) {
        // Who closes the connection without a word is no server of another protocol: a balancer does that whose servers are down.
        // The end of the connection counts as a byte.
        bool is_silent = diagnosis.obstacle == cgb_tls_obstacle_no_tls && received_count(file) <= received + 1;
        close(file);
        if (is_silent) {
            free(diagnosis.details);
            *outcome = outcome_failure(chb_failure_connection, "the connection was closed in the handshake of TLS");
            return NULL;
        }
        *outcome = (chb_outcome){
            .failure = chb_failure_tls, .obstacle = diagnosis.obstacle, .details = diagnosis.details};
        return NULL;
    }
    free(diagnosis.details);
    chb_connection *connection = cgb_checked(calloc(1, sizeof *connection));
    connection->tls = secure;
    connection->session = make_session();
    *outcome = (chb_outcome){.failure = chb_failure_none};
    return connection;
}

/// What a read or a write that failed means.
static chb_outcome io_failure(const chb_connection *connection) {
    int error = errno;
    // Since TLS 1.3 a server judges the client's certificate when the client's handshake is over, and before it says anything.
    const char *alert = connection->heard_at != 0 ? NULL : cgb_tls_alert();
    if (alert != NULL) return outcome_failure(chb_failure_alert, "%s", alert);
    return outcome_failure(error == ETIMEDOUT ? chb_failure_expired : chb_failure_broken, "%s", strerror(error));
}

/// What a write that failed means. A server that ends the connection mostly says why, and that is still there to be read.
static chb_outcome write_failure(chb_connection *connection) {
    chb_outcome outcome = io_failure(connection);
    if (outcome.failure != chb_failure_broken || connection->heard_at != 0) return outcome;
    uint8_t bytes[1024];
    if (cgb_tls_connection_read(connection->tls, bytes, sizeof bytes, 0) >= 0 || cgb_tls_alert() == NULL) return outcome;
    chb_outcome_destroy(outcome);
    return io_failure(connection);
}

bool connection_flush(chb_connection *connection, int64_t deadline, chb_outcome *outcome) {
    buffer pending = {0};
    for (;;) {
        const uint8_t *bytes;
        ssize_t count = nghttp2_session_mem_send(connection->session, &bytes);
        if (count < 0) {
            *outcome = outcome_failure(chb_failure_protocol, "%s", nghttp2_strerror((int)count));
            connection->is_broken = true;
            break;
        }
        if (count == 0) break;
        // Small frames go together, so that they make one record.
        buffer_append(&pending, bytes, (size_t)count);
    }
    if (!connection->is_broken && pending.count > 0 &&
        !cgb_tls_connection_write(connection->tls, pending.bytes, pending.count, deadline)) {
        *outcome = write_failure(connection);
        connection->is_broken = true;
    }
    buffer_free(&pending);
    return !connection->is_broken;
}

bool connection_receive(chb_connection *connection, int64_t deadline, chb_outcome *outcome) {
    uint8_t bytes[16384];
    ptrdiff_t count = cgb_tls_connection_read(connection->tls, bytes, sizeof bytes, deadline);
    if (count <= 0) {
        *outcome = count == 0 ? outcome_failure(chb_failure_broken, "the server closed the connection") : io_failure(connection);
        connection->is_broken = outcome->failure != chb_failure_expired;
        return false;
    }
    connection->heard_at = cgb_monotonic_now();
    connection->pinged_at = 0;
    ssize_t taken = nghttp2_session_mem_recv(connection->session, bytes, (size_t)count);
    if (taken >= 0) return true;
    *outcome = outcome_failure(chb_failure_protocol, "%s", nghttp2_strerror((int)taken));
    connection->is_broken = true;
    return false;
}

bool connection_takes_requests(const chb_connection *connection) {
    return !connection->is_broken && nghttp2_session_check_request_allowed(connection->session);
}

bool chb_connection_is_usable(chb_connection *connection) {
    // A server may have said goodbye, or have gone, since the last response.
    chb_outcome outcome = {0};
    while (connection_takes_requests(connection) && connection_receive(connection, 0, &outcome)) {
    }
    chb_outcome_destroy(outcome);
    return connection_takes_requests(connection);
}

void chb_connection_destroy(chb_connection *connection) {
    if (connection == NULL) return;
    nghttp2_session_del(connection->session);
    cgb_tls_connection_destroy(connection->tls);
    free(connection);
}
