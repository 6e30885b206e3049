#ifndef CGB_TLS_CONNECTION_H
#define CGB_TLS_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgb_tls.h"

/// Connects a socket that does not block, by `deadline` (nanoseconds on CLOCK_MONOTONIC). `address` is an IP address.
///
/// Returns -1 with errno when no connection came about.
int cgb_socket_connect(const char *address, uint16_t port, int64_t deadline);

/// Waits until a socket can be read, or written; false when the deadline has passed, with errno ETIMEDOUT, or on an error.
bool cgb_socket_await(int file, bool writes, int64_t deadline);

/// What a server must show before it is trusted.
typedef struct cgb_tls_peer {
    /// The name or address that its certificate is for, which it is also told.
    const char *name;
    /// Whether its certificate is looked at.
    bool is_verified;
} cgb_tls_peer;

/// TLS over a connected socket, with HTTP/2 as the protocol. One owner, one thread at a time.
typedef struct cgb_tls_connection cgb_tls_connection;

/// Makes the handshake, by `deadline`, and takes the socket over when it succeeds; NULL with a diagnosis when it does not.
///
/// The diagnosis is the caller's in any case. Without `tls` no authority is known.
cgb_tls_connection *cgb_tls_connection_start(
    int file, const cgb_tls *tls, cgb_tls_peer peer, int64_t deadline, cgb_tls_diagnosis *diagnosis);

/// Reads what is there, or else waits for it: the number of bytes, 0 at the end of the connection, -1 with errno for a failure, which
/// is ETIMEDOUT behind the deadline.
ptrdiff_t cgb_tls_connection_read(cgb_tls_connection *connection, void *bytes, size_t count, int64_t deadline);

/// Waits for the first byte that the server says, and leaves it there.
///
/// An HTTP/2 server says its settings unasked (RFC 9113 section 3.4), and since TLS 1.3 it judges the client's certificate only when the
/// client thinks that all is done.
cgb_tls_diagnosis cgb_tls_connection_expect_word(cgb_tls_connection *connection, int64_t deadline);

/// Writes all bytes, or returns false with errno as for reading.
bool cgb_tls_connection_write(cgb_tls_connection *connection, const void *bytes, size_t count, int64_t deadline);

/// OpenSSL's words for the alert by which the server ended a connection, right behind the failure on this thread; NULL when it sent none.
const char *cgb_tls_alert(void);

/// Closes the socket and frees the rest; the server is not told.
void cgb_tls_connection_destroy(cgb_tls_connection *connection);

#endif
