#ifndef CHB_CONNECTION_INTERNAL_H
#define CHB_CONNECTION_INTERNAL_H

#include <nghttp2/nghttp2.h>

#include "cgb_tls_connection.h"
#include "chb_connection.h"

struct chb_connection {
    cgb_tls_connection *tls;
    nghttp2_session *session;
    /// When the server said something last, on CLOCK_MONOTONIC; 0 for never, and so it may not have accepted the client's certificate yet.
    int64_t heard_at;
    /// When the server was asked whether it is still there; 0 once it has said something since.
    int64_t pinged_at;
    /// Whether nothing can be said or heard any more.
    bool is_broken;
};

/// Whether another request may be tried.
bool connection_takes_requests(const chb_connection *connection);

/// Sends what the session has to say; false with the outcome of a failure, behind which the connection is broken.
bool connection_flush(chb_connection *connection, int64_t deadline, chb_outcome *outcome);

/// Takes in what the server says; false with the outcome of a failure, behind which the connection is broken unless only the deadline has passed.
bool connection_receive(chb_connection *connection, int64_t deadline, chb_outcome *outcome);

#endif
