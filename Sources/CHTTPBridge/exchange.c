#include "exchange.h"

#include <string.h>

#include "cgb_checked.h"
#include "connection.h"
#include "outcome.h"

static int take_header(
    nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_count, const uint8_t *value,
    size_t value_count, uint8_t flags, void *context) {
    (void)flags, (void)context;
    exchange *exchange = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (exchange == NULL) return 0;
    if (name_count == 7 && memcmp(name, ":status", 7) == 0) {
        // nghttp2 has checked that these are three digits. A later one replaces that of an interim response.
        exchange->status = (int32_t)strtol((const char *)value, NULL, 10);
        exchange->headers.count = 0;
        return 0;
    }
    buffer_append(&exchange->headers, name, name_count);
    buffer_append(&exchange->headers, "", 1);
    buffer_append(&exchange->headers, value, value_count);
    buffer_append(&exchange->headers, "", 1);
    return 0;
}

static int take_data(
    nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t count, void *context) {
    (void)flags, (void)context;
    exchange *exchange = nghttp2_session_get_stream_user_data(session, stream);
    // What one stream keeps is no other's to wait for.
    int error = nghttp2_session_consume_connection(session, count);
    if (error != 0 || exchange == NULL || exchange->is_too_large) return error;
    if (count > exchange->limit - exchange->body.count) {
        exchange->is_too_large = true;
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
    }
    buffer_append(&exchange->body, bytes, count);
    return exchange_is_stream(exchange) ? 0 : nghttp2_session_consume_stream(session, stream, count);
}

static int take_frame(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
    (void)context;
    exchange *exchange =
        frame->hd.stream_id == 0 ? NULL : nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (exchange == NULL) return 0;
    if (frame->hd.type == NGHTTP2_RST_STREAM) exchange->is_reset = true;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS) exchange->has_headers = exchange->status / 100 != 1;
    if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) exchange->is_whole = true;
    return 0;
}

static int end_stream(nghttp2_session *session, int32_t stream, uint32_t error_code, void *context) {
    (void)context;
    exchange *exchange = nghttp2_session_get_stream_user_data(session, stream);
    if (exchange == NULL) return 0;
    exchange->is_over = true;
    exchange->error_code = error_code;
    return 0;
}

static ssize_t give_data(
    nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t count, uint32_t *flags, nghttp2_data_source *source,
    void *context) {
    (void)session, (void)stream, (void)context;
    exchange *exchange = source->ptr;
    size_t part = count < exchange->unsent_count ? count : exchange->unsent_count;
    memcpy(bytes, exchange->unsent, part);
    exchange->unsent += part;
    exchange->unsent_count -= part;
    if (exchange->unsent_count == 0) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)part;
}

void exchange_set_callbacks(nghttp2_session_callbacks *callbacks) {
    nghttp2_session_callbacks_set_on_header_callback(callbacks, take_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, take_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, take_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, end_stream);
}

static nghttp2_nv header(const char *name, const char *value) {
    return (nghttp2_nv){
        .name = (uint8_t *)name, .value = (uint8_t *)value, .namelen = strlen(name), .valuelen = strlen(value)};
}

bool exchange_start(chb_connection *connection, exchange *exchange, const chb_request *request, chb_outcome *outcome) {
    if (!connection_takes_requests(connection)) {
        *outcome = outcome_failure(chb_failure_unprocessed, "the connection was at its end");
        return false;
    }
    exchange->unsent = request->body;
    exchange->unsent_count = request->body_count;
    exchange->limit = request->response_limit;
    size_t count = 4 + request->headers_count / 2;
    nghttp2_nv *headers = cgb_checked(calloc(count, sizeof *headers));
    headers[0] = header(":method", request->method);
    headers[1] = header(":scheme", "https");
    headers[2] = header(":authority", request->authority);
    headers[3] = header(":path", request->path);
    for (size_t i = 4; i < count; i++) {
        headers[i] = header(request->headers[2 * (i - 4)], request->headers[2 * (i - 4) + 1]);
    }
    nghttp2_data_provider body = {.source.ptr = exchange, .read_callback = give_data};
    exchange->stream = nghttp2_submit_request(
        connection->session, NULL, headers, count, request->body_count == 0 ? NULL : &body, exchange);
    free(headers);
    if (exchange->stream >= 0) return true;
    *outcome = outcome_failure(chb_failure_unprocessed, "%s", nghttp2_strerror(exchange->stream));
    return false;
}

bool exchange_advance(chb_connection *connection, exchange *exchange, int64_t deadline, chb_outcome *outcome) {
    if (exchange->is_over) return true;
    if (connection->is_broken) {
        *outcome = outcome_failure(chb_failure_broken, "the connection was lost");
        return false;
    }
    if (!connection_flush(connection, deadline, outcome)) return false;
    if (exchange->is_over) return true;
    if (!connection_receive(connection, deadline, outcome)) return false;
    if (exchange->is_over || nghttp2_session_want_read(connection->session)) return true;
    *outcome = outcome_failure(chb_failure_protocol, "the connection's frames are not those of HTTP/2");
    connection->is_broken = true;
    return false;
}

bool exchange_is_stream(const exchange *exchange) {
    return exchange->is_streamed && exchange->has_headers && exchange->status / 100 == 2;
}

chb_outcome exchange_take(exchange *exchange) {
    chb_outcome outcome = {.status = exchange->status};
    outcome.headers_count = exchange->headers.count;
    outcome.headers = buffer_take(&exchange->headers);
    outcome.body_count = exchange->body.count;
    outcome.body = (uint8_t *)buffer_take(&exchange->body);
    return outcome;
}

chb_outcome exchange_finish(exchange *exchange) {
    if (exchange->is_too_large) {
        return outcome_failure(chb_failure_too_large, "more than %zu bytes", exchange->limit);
    }
    // nghttp2 gives this code to the streams too that a GOAWAY says were not served, and that is believed. A proxy resets a single stream with it also
    // when it has lost its server with the request under way.
    if (exchange->error_code == NGHTTP2_REFUSED_STREAM && !exchange->is_reset) {
        return outcome_failure(chb_failure_unprocessed, "the server takes no more requests on this connection");
    }
    // A server may end a stream early once its response is whole (RFC 9113 section 8.1).
    if (!exchange->is_whole || exchange->status == 0 || exchange->error_code != NGHTTP2_NO_ERROR) {
        return outcome_failure(
            chb_failure_broken, "the server ended the request: %s", nghttp2_http2_strerror(exchange->error_code));
    }
    return exchange_take(exchange);
}

void exchange_end(chb_connection *connection, exchange *exchange) {
    if (exchange->stream > 0 && !exchange->is_over) {
        nghttp2_session_set_stream_user_data(connection->session, exchange->stream, NULL);
        nghttp2_submit_rst_stream(connection->session, NGHTTP2_FLAG_NONE, exchange->stream, NGHTTP2_CANCEL);
        // It waits for nobody; what can't be said now leaves the connection broken.
        chb_outcome outcome = {0};
        if (!connection->is_broken) connection_flush(connection, 0, &outcome);
        chb_outcome_destroy(outcome);
    }
    buffer_free(&exchange->headers);
    buffer_free(&exchange->body);
}

chb_outcome chb_connection_call(chb_connection *connection, const chb_request *request, int64_t deadline) {
    exchange exchange = {0};
    chb_outcome outcome = {0};
    if (exchange_start(connection, &exchange, request, &outcome)) {
        bool is_well = true;
        while (is_well && !exchange.is_over) is_well = exchange_advance(connection, &exchange, deadline, &outcome);
        // Where one answer did not come in time, others would not.
        connection->is_broken = connection->is_broken || !is_well;
        if (is_well) outcome = exchange_finish(&exchange);
    }
    exchange_end(connection, &exchange);
    return outcome;
}
