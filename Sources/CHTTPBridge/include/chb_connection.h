#ifndef CHB_CONNECTION_H
#define CHB_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgb_tls.h"

/// A connection of HTTP/2 over TLS (nghttp2, OpenSSL) to one server. One owner, one thread at a time.
typedef struct chb_connection chb_connection;

/// Where a connection goes. All texts are borrowed for the length of the call.
typedef struct chb_target {
    /// The IP address that is connected: the server's, or the proxy's.
    const char *address;
    uint16_t port;
    /// With a proxy, the server as it is asked for, `host:port`; otherwise NULL.
    const char *tunnel;
    /// With a proxy, the value of the header Proxy-Authorization, or NULL.
    const char *proxy_authorization;
    /// The name or address that the server's certificate is for.
    const char *server_name;
    /// Whether the server's certificate is looked at.
    bool is_verified;
} chb_target;

/// What went wrong, by what it means for the caller.
typedef enum __attribute__((enum_extensibility(closed))) chb_failure {
    chb_failure_none __attribute__((swift_name("none"))) = 0,
    /// No connection came about that could be spoken on: not now.
    chb_failure_connection __attribute__((swift_name("connection"))),
    /// The proxy refuses, or is none.
    chb_failure_proxy __attribute__((swift_name("proxy"))),
    /// TLS did not come about; the obstacle tells more.
    chb_failure_tls __attribute__((swift_name("tls"))),
    /// The server ended the connection with an alert of TLS, as it does for a client certificate that it does not accept.
    chb_failure_alert __attribute__((swift_name("alert"))),
    /// The server certainly did not process the request: the connection was at its end, or the server said so.
    chb_failure_unprocessed __attribute__((swift_name("unprocessed"))),
    /// The connection broke before the response was whole.
    chb_failure_broken __attribute__((swift_name("broken"))),
    /// The deadline passed before the response was whole.
    chb_failure_expired __attribute__((swift_name("expired"))),
    /// The response is larger than what was asked for.
    chb_failure_too_large __attribute__((swift_name("tooLarge"))),
    /// The server does not keep to HTTP/2.
    chb_failure_protocol __attribute__((swift_name("protocol"))),
} chb_failure;

/// What came of connecting, or of a request. The caller owns it and passes it to `chb_outcome_destroy` once.
typedef struct chb_outcome {
    chb_failure failure;
    cgb_tls_obstacle obstacle;
    /// What happened, in the words of the library that found it; NULL when nothing did.
    char *details;
    /// The status of the response (RFC 9110 section 15), 0 when there is none.
    int32_t status;
    /// Names and values of the response's headers in turn, each ended by a zero byte.
    char *headers;
    size_t headers_count;
    uint8_t *body;
    size_t body_count;
} chb_outcome;

/// A request. Everything is borrowed for the length of the call; names of headers are in lower case.
typedef struct chb_request {
    const char *method;
    /// The value of the pseudo-header `:authority`.
    const char *authority;
    const char *path;
    const char *const *headers;
    /// The number of texts in `headers`: names and values in turn.
    size_t headers_count;
    const uint8_t *body;
    size_t body_count;
    /// The most bytes that the body of a response may have.
    size_t response_limit;
} chb_request;

/// Connects, by `deadline` (nanoseconds on CLOCK_MONOTONIC); NULL when that fails, with the outcome.
chb_connection *chb_connection_open(
    const chb_target *target, const cgb_tls *tls, int64_t deadline, chb_outcome *outcome);

/// Sends a request and waits for the whole response, by `deadline`.
chb_outcome chb_connection_call(chb_connection *connection, const chb_request *request, int64_t deadline);

/// Whether another request may be tried on the connection, after all that the server has said meanwhile; it does not wait.
bool chb_connection_is_usable(chb_connection *connection);

/// Closes the connection.
void chb_connection_destroy(chb_connection *connection);

/// Frees what the outcome points at.
void chb_outcome_destroy(chb_outcome outcome);

#endif
