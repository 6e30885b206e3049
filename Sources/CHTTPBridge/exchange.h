#ifndef CHB_EXCHANGE_H
#define CHB_EXCHANGE_H

#include <nghttp2/nghttp2.h>

#include "buffer.h"
#include "chb_connection.h"

/// A request under way with what has come of its response: a stream of the connection, which knows it.
typedef struct exchange {
    int32_t stream;
    /// What is left of the request's body.
    const uint8_t *unsent;
    size_t unsent_count;
    /// The most bytes that are kept of the response's body.
    size_t limit;
    int32_t status;
    buffer headers;
    /// What has come of the body and was not taken yet.
    buffer body;
    /// Whether the body of a success is taken in pieces: the server hears of each only when it was.
    bool is_streamed;
    bool has_headers;
    bool is_too_large;
    /// Whether the server has ended the response by itself.
    bool is_whole;
    /// Whether the server has ended the stream in place of a response, or before its end.
    bool is_reset;
    bool is_over;
    uint32_t error_code;
} exchange;

/// Has a session tell its exchanges what comes.
void exchange_set_callbacks(nghttp2_session_callbacks *callbacks);

/// Hands a request to the connection, which needs the request until the response has begun; false with the outcome when it takes none.
///
/// The exchange is zeros but for `is_streamed`, and stays where it is until `exchange_end`.
bool exchange_start(chb_connection *connection, exchange *exchange, const chb_request *request, chb_outcome *outcome);

/// Speaks with the server once, unless the exchange is over; false with the outcome of a failure.
bool exchange_advance(chb_connection *connection, exchange *exchange, int64_t deadline, chb_outcome *outcome);

/// Whether a response has begun that says success, and what has come of it is to be taken in pieces.
bool exchange_is_stream(const exchange *exchange);

/// What came of an exchange that is over; what has come of the response is the outcome's from then on.
chb_outcome exchange_finish(exchange *exchange);

/// Hands over the response's status and headers, with what has come of the body.
chb_outcome exchange_take(exchange *exchange);

/// Frees what the exchange has, and has the server end it if it is under way (RFC 9113 section 8.1).
void exchange_end(chb_connection *connection, exchange *exchange);

#endif
