#include "chb_stream.h"

#include "cgb_time.h"
#include "cgb_checked.h"
#include "connection.h"
#include "exchange.h"
#include "outcome.h"

// A server that has said nothing for so long is asked whether it is there, and has so long to say that it is: nanoseconds.
#define SILENCE 20000000000
#define ANSWER_TIME 10000000000

struct chb_stream {
    chb_connection *connection;
    exchange exchange;
};

static chb_stream *make(chb_connection *connection) {
    chb_stream *stream = cgb_checked(calloc(1, sizeof *stream));
    stream->connection = connection;
    stream->exchange.is_streamed = true;
    return stream;
}

chb_stream *chb_stream_open(
    chb_connection *connection, const chb_request *request, int64_t deadline, chb_outcome *outcome) {
    chb_stream *stream = make(connection);
    exchange *exchange = &stream->exchange;
    bool is_well = exchange_start(connection, exchange, request, outcome);
    while (is_well && !exchange->is_over && !exchange_is_stream(exchange)) {
        is_well = exchange_advance(connection, exchange, deadline, outcome);
        connection->is_broken = connection->is_broken || !is_well;
    }
    if (is_well && exchange_is_stream(exchange)) {
        outcome->status = exchange->status;
        outcome->headers_count = exchange->headers.count;
        outcome->headers = buffer_take(&exchange->headers);
        return stream;
    }
    if (is_well) *outcome = exchange_finish(exchange);
    chb_stream_destroy(stream);
    return NULL;
}

/// Speaks with the server once, and asks it in between whether it is there.
static bool advance(chb_stream *stream, int64_t deadline, chb_outcome *outcome) {
    chb_connection *connection = stream->connection;
    for (;;) {
        bool is_asked = connection->pinged_at != 0;
        int64_t limit = is_asked ? connection->pinged_at + ANSWER_TIME : connection->heard_at + SILENCE;
        if (exchange_advance(connection, &stream->exchange, limit < deadline ? limit : deadline, outcome)) return true;
        if (outcome->failure != chb_failure_expired || deadline <= limit || connection->is_broken) return false;
        chb_outcome_destroy(*outcome);
        if (is_asked) {
            connection->is_broken = true;
            *outcome = outcome_failure(chb_failure_broken, "the server does not say any more that it is there");
            return false;
        }
        *outcome = (chb_outcome){0};
        nghttp2_submit_ping(connection->session, NGHTTP2_FLAG_NONE, NULL);
        connection->pinged_at = cgb_monotonic_now();
    }
}

chb_outcome chb_stream_read(chb_stream *stream, int64_t deadline) {
    exchange *exchange = &stream->exchange;
    chb_outcome outcome = {0};
    while (exchange->body.count == 0 && !exchange->is_over) {
        if (!advance(stream, deadline, &outcome)) return outcome;
    }
    if (exchange->body.count == 0) return exchange_finish(exchange);
    nghttp2_session_consume_stream(stream->connection->session, exchange->stream, exchange->body.count);
    return exchange_take(exchange);
}

void chb_stream_destroy(chb_stream *stream) {
    if (stream == NULL) return;
    exchange_end(stream->connection, &stream->exchange);
    free(stream);
}
