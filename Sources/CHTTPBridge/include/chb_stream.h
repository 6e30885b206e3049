#ifndef CHB_STREAM_H
#define CHB_STREAM_H

#include "chb_connection.h"

/// A response whose body is read as it comes, beside other requests on its connection; it has the thread of the connection, and ends before it.
///
/// What nobody reads stays with the server, but for one window of flow control (RFC 9113 section 5.2).
typedef struct chb_stream chb_stream;

/// Sends a request without a body, and waits by `deadline` until a response begins; the outcome has its status and headers.
///
/// NULL when that fails; and when the response is another than a success (2xx), which the outcome then has as a whole.
chb_stream *chb_stream_open(
    chb_connection *connection, const chb_request *request, int64_t deadline, chb_outcome *outcome);

/// Hands over what has come of the body, or else waits for more by `deadline`, behind which the stream goes on (`chb_failure_expired`).
///
/// The end of a response that is whole has no bytes. A server that says nothing for half a minute, even when it is asked, counts as gone.
chb_outcome chb_stream_read(chb_stream *stream, int64_t deadline);

/// Ends the stream, of which the server is told if it is under way.
void chb_stream_destroy(chb_stream *stream);

#endif
