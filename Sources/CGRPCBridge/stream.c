#include "cgb_stream.h"

#include <grpc/support/alloc.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "live_objects.h"

/// The batches of operations that a call has under way, as tags of its queue.
typedef enum batch { batch_open = 1, batch_headers, batch_send, batch_receive, batch_status } batch;

struct cgb_stream {
    grpc_call *call;
    grpc_completion_queue *queue;
    cancelable cancelable;
    grpc_metadata *headers;
    size_t header_count;
    /// The message that is on its way out, or NULL.
    grpc_byte_buffer *outgoing;
    /// A receive is under way.
    bool receives;
    /// The message that came, or NULL.
    grpc_byte_buffer *incoming;
    /// A receive came back without a message: none will come any more.
    bool has_read_all;
    bool has_status;
    grpc_metadata_array initial_metadata;
    grpc_metadata_array trailing_metadata;
    grpc_status_code status;
    grpc_slice details;
    const char *cause;
};

static void cancel(cancelable *self) {
    cgb_stream *stream = (cgb_stream *)((char *)self - offsetof(cgb_stream, cancelable));
    grpc_call_cancel(stream->call, NULL);
}

static bool start(cgb_stream *stream, const grpc_op *operations, size_t count, batch batch) {
    return grpc_call_start_batch(stream->call, operations, count, (void *)batch, NULL) == GRPC_CALL_OK;
}

cgb_stream *cgb_stream_open(
    cgb_client *client, size_t endpoint, const char *method, const cgb_metadata *metadata, size_t metadata_count,
    cgb_cancellation *cancellation) {
    // A reference of its own to the runtime, which may then outlive the client.
    grpc_init();
    cgb_stream *stream = cgb_checked(calloc(1, sizeof *stream));
    stream->queue = grpc_completion_queue_create_for_next(NULL);
    grpc_slice method_slice = grpc_slice_from_copied_string(method);
    stream->call = grpc_channel_create_call(
        client->endpoints[endpoint].channel, NULL, GRPC_PROPAGATE_DEFAULTS, stream->queue, method_slice, NULL,
        gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    grpc_slice_unref(method_slice);
    stream->headers = cgb_checked(calloc(metadata_count + 1, sizeof *stream->headers));
    stream->header_count = metadata_count;
    cgb_metadata_copy(stream->headers, metadata, metadata_count);
    grpc_metadata_array_init(&stream->initial_metadata);
    grpc_metadata_array_init(&stream->trailing_metadata);
    stream->details = grpc_empty_slice();

    grpc_op open = {
        .op = GRPC_OP_SEND_INITIAL_METADATA,
        .data.send_initial_metadata = {.count = metadata_count, .metadata = stream->headers},
    };
    grpc_op headers = {
        .op = GRPC_OP_RECV_INITIAL_METADATA,
        .data.recv_initial_metadata.recv_initial_metadata = &stream->initial_metadata,
    };
    grpc_op status = {
        .op = GRPC_OP_RECV_STATUS_ON_CLIENT,
        .data.recv_status_on_client = {
            .trailing_metadata = &stream->trailing_metadata,
            .status = &stream->status,
            .status_details = &stream->details,
            .error_string = &stream->cause,
        },
    };
    if (start(stream, &open, 1, batch_open)) {
        start(stream, &headers, 1, batch_headers);
        start(stream, &status, 1, batch_status);
    } else {
        stream->has_read_all = true;
        stream->has_status = true;
        stream->status = GRPC_STATUS_INTERNAL;
        stream->details = grpc_slice_from_static_string("gRPC refused the call, a header is malformed");
    }
    if (cancellation != NULL) cgb_cancelable_bind(&stream->cancelable, cancellation, cancel);
    cgb_live_objects_add(1);
    return stream;
}

bool cgb_stream_send(cgb_stream *stream, const uint8_t *message, size_t count, bool is_last) {
    // Nobody is there to take it; and a call that was not opened would keep it.
    if (stream->has_status) return true;
    if (stream->outgoing != NULL) return false;
    stream->outgoing = cgb_message_of(message, count);
    grpc_op operations[] = {
        {.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = stream->outgoing},
        {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
    };
    // gRPC refuses nothing but a message behind the last one.
    if (!start(stream, operations, is_last ? 2 : 1, batch_send)) abort();
    return true;
}

/// Notes what a batch has brought.
static void complete(cgb_stream *stream, batch batch) {
    switch (batch) {
    case batch_open:
    case batch_headers:
        break;
    case batch_send:
        grpc_byte_buffer_destroy(stream->outgoing);
        stream->outgoing = NULL;
        break;
    case batch_receive:
        stream->receives = false;
        stream->has_read_all = stream->incoming == NULL;
        break;
    case batch_status:
        stream->has_status = true;
        break;
    }
}

cgb_stream_event cgb_stream_next(cgb_stream *stream, int64_t deadline, cgb_reply *reply) {
    if (!stream->receives && !stream->has_read_all) {
        grpc_op receive = {.op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &stream->incoming};
        stream->receives = start(stream, &receive, 1, batch_receive);
        stream->has_read_all = !stream->receives;
    }
    while (true) {
        if (stream->incoming != NULL && !stream->receives) {
            *reply = (cgb_reply){.status = GRPC_STATUS_OK, .details = cgb_copy_text(grpc_empty_slice())};
            reply->payload = cgb_copy_message(stream->incoming, &reply->payload_count);
            grpc_byte_buffer_destroy(stream->incoming);
            stream->incoming = NULL;
            cgb_live_objects_add(1);
            return cgb_stream_event_message;
        }
        if (stream->has_read_all && stream->has_status) {
            *reply = (cgb_reply){.status = stream->status, .details = cgb_copy_text(stream->details)};
            if (stream->cause != NULL) reply->cause = cgb_checked(strdup(stream->cause));
            cgb_live_objects_add(1);
            return cgb_stream_event_end;
        }
        grpc_event event = grpc_completion_queue_next(stream->queue, cgb_time_of(deadline), NULL);
        if (event.type != GRPC_OP_COMPLETE) return cgb_stream_event_idle;
        complete(stream, (batch)(size_t)event.tag);
        // A message that could not be sent is none that was taken: the end of the call is to come.
        if ((batch)(size_t)event.tag == batch_send && event.success) return cgb_stream_event_sent;
    }
}

void cgb_stream_destroy(cgb_stream *stream) {
    cgb_cancelable_unbind(&stream->cancelable);
    // What is under way writes into the stream, so it must have ended first; for a canceled call it does at once.
    if (!stream->has_status) grpc_call_cancel(stream->call, NULL);
    grpc_completion_queue_shutdown(stream->queue);
    while (true) {
        grpc_event event =
            grpc_completion_queue_next(stream->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN) break;
        complete(stream, (batch)(size_t)event.tag);
    }
    grpc_call_unref(stream->call);
    grpc_completion_queue_destroy(stream->queue);
    if (stream->incoming != NULL) grpc_byte_buffer_destroy(stream->incoming);
    cgb_metadata_release(stream->headers, stream->header_count);
    free(stream->headers);
    grpc_metadata_array_destroy(&stream->initial_metadata);
    grpc_metadata_array_destroy(&stream->trailing_metadata);
    grpc_slice_unref(stream->details);
    gpr_free((void *)stream->cause);
    free(stream);
    grpc_shutdown();
    cgb_live_objects_add(-1);
}
