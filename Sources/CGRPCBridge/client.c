#include "cgb_client.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/slice.h>
#include <grpc/support/alloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cgb_log.h"
#include "live_objects.h"

typedef struct endpoint {
    grpc_channel *channel;
    /// What `cgb_client_connectivity` returned last.
    grpc_connectivity_state seen;
    /// A watch for a state other than `seen` is on its way to the connectivity queue.
    bool watched;
} endpoint;

struct cgb_client {
    grpc_completion_queue *calls;
    grpc_completion_queue *connectivity;
    endpoint *endpoints;
    size_t endpoint_count;
};

/// A gRPC time for nanoseconds on CLOCK_MONOTONIC.
static gpr_timespec time_of(int64_t nanoseconds) {
    if (nanoseconds < 0) nanoseconds = 0;
    gpr_timespec time = {
        .tv_sec = nanoseconds / GPR_NS_PER_SEC,
        .tv_nsec = (int32_t)(nanoseconds % GPR_NS_PER_SEC),
        .clock_type = GPR_CLOCK_MONOTONIC,
    };
    return time;
}

static void *checked(void *memory) {
    if (memory == NULL) abort();
    return memory;
}

cgb_client *cgb_client_create(void) {
    // libcrypto would otherwise read the host's openssl.cnf, and a bad one breaks TLS and the exit of the process.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    cgb_log_capture();
    grpc_init();
    cgb_client *client = checked(calloc(1, sizeof *client));
    client->calls = grpc_completion_queue_create_for_pluck(NULL);
    client->connectivity = grpc_completion_queue_create_for_next(NULL);
    cgb_live_objects_add(1);
    return client;
}

void cgb_client_destroy(cgb_client *client) {
    // Destroying a channel completes its watches, which the queue must deliver before it can go.
    for (size_t i = 0; i < client->endpoint_count; i++) grpc_channel_destroy(client->endpoints[i].channel);
    grpc_completion_queue_shutdown(client->connectivity);
    while (grpc_completion_queue_next(client->connectivity, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
           GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(client->connectivity);
    grpc_completion_queue_shutdown(client->calls);
    grpc_completion_queue_destroy(client->calls);
    free(client->endpoints);
    free(client);
    grpc_shutdown();
    cgb_live_objects_add(-1);
}

size_t cgb_client_add_endpoint(cgb_client *client, const char *target, int32_t connect_timeout_ms) {
    grpc_arg arguments[] = {
        // The next three name one thing: how long a connection attempt may take and when the next one may start.
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, .value.integer = connect_timeout_ms},
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, .value.integer = 100},
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, .value.integer = connect_timeout_ms},
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, .value.integer = -1},
        // Whether a call may be repeated is decided where it is known whether it writes.
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_ENABLE_RETRIES, .value.integer = 0},
        // etcd is a cluster's own server: an http_proxy in the runtime's environment is not meant for it.
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_ENABLE_HTTP_PROXY, .value.integer = 0},
        // Without the filters for compression and load reports; the check of deadlines, which goes with them, stays.
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_MINIMAL_STACK, .value.integer = 1},
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_ENABLE_DEADLINE_CHECKS, .value.integer = 1},
        // Probing for the bandwidth costs a ping for each answer.
        {.type = GRPC_ARG_INTEGER, .key = GRPC_ARG_HTTP2_BDP_PROBE, .value.integer = 0},
    };
    grpc_channel_args channel_arguments = {.num_args = sizeof arguments / sizeof *arguments, .args = arguments};

    size_t index = client->endpoint_count;
    client->endpoints = checked(realloc(client->endpoints, (index + 1) * sizeof *client->endpoints));
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    client->endpoints[index] = (endpoint){
        .channel = grpc_channel_create(target, credentials, &channel_arguments),
        .seen = GRPC_CHANNEL_IDLE,
    };
    grpc_channel_credentials_release(credentials);
    client->endpoint_count = index + 1;
    return index;
}

cgb_connectivity cgb_client_connectivity(cgb_client *client, size_t index, bool connect) {
    endpoint *endpoint = &client->endpoints[index];
    endpoint->seen = grpc_channel_check_connectivity_state(endpoint->channel, connect);
    return (cgb_connectivity)endpoint->seen;
}

bool cgb_client_await_change(cgb_client *client, int64_t deadline) {
    for (size_t i = 0; i < client->endpoint_count; i++) {
        endpoint *endpoint = &client->endpoints[i];
        if (endpoint->watched) continue;
        grpc_channel_watch_connectivity_state(
            endpoint->channel, endpoint->seen, gpr_inf_future(GPR_CLOCK_MONOTONIC), client->connectivity, (void *)i);
        endpoint->watched = true;
    }
    grpc_event event = grpc_completion_queue_next(client->connectivity, time_of(deadline), NULL);
    if (event.type != GRPC_OP_COMPLETE) return false;
    client->endpoints[(size_t)event.tag].watched = false;
    return true;
}

/// The bytes of a received message as one block of its own; NULL and 0 when there is no message.
static uint8_t *copy_message(grpc_byte_buffer *message, size_t *count) {
    *count = 0;
    grpc_byte_buffer_reader reader;
    if (message == NULL || !grpc_byte_buffer_reader_init(&reader, message)) return NULL;
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    *count = GRPC_SLICE_LENGTH(slice);
    // One byte more, so that an empty message, which protobuf allows, is not NULL.
    uint8_t *bytes = checked(malloc(*count + 1));
    memcpy(bytes, GRPC_SLICE_START_PTR(slice), *count);
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    return bytes;
}

static char *copy_text(grpc_slice slice) {
    size_t count = GRPC_SLICE_LENGTH(slice);
    char *text = checked(malloc(count + 1));
    memcpy(text, GRPC_SLICE_START_PTR(slice), count);
    text[count] = '\0';
    return text;
}

cgb_reply cgb_client_call(
    cgb_client *client, size_t index, const char *method, const uint8_t *request, size_t request_count,
    const cgb_metadata *metadata, size_t metadata_count, int64_t deadline) {
    grpc_slice method_slice = grpc_slice_from_copied_string(method);
    grpc_call *call = grpc_channel_create_call(
        client->endpoints[index].channel, NULL, GRPC_PROPAGATE_DEFAULTS, client->calls, method_slice, NULL,
        time_of(deadline), NULL);
    grpc_slice_unref(method_slice);

    grpc_slice request_slice = grpc_slice_from_copied_buffer((const char *)request, request_count);
    grpc_byte_buffer *request_message = grpc_raw_byte_buffer_create(&request_slice, 1);
    grpc_slice_unref(request_slice);

    grpc_metadata headers[metadata_count + 1];
    memset(headers, 0, sizeof headers);
    for (size_t i = 0; i < metadata_count; i++) {
        // Copied, because a call that ends by its deadline may leave them with the transport.
        headers[i].key = grpc_slice_from_copied_string(metadata[i].key);
        headers[i].value = grpc_slice_from_copied_string(metadata[i].value);
    }

    grpc_metadata_array initial_metadata, trailing_metadata;
    grpc_metadata_array_init(&initial_metadata);
    grpc_metadata_array_init(&trailing_metadata);
    grpc_byte_buffer *message = NULL;
    grpc_status_code status = GRPC_STATUS_UNKNOWN;
    grpc_slice details = grpc_empty_slice();
    const char *cause = NULL;

    grpc_op operations[6];
    memset(operations, 0, sizeof operations);
    operations[0].op = GRPC_OP_SEND_INITIAL_METADATA;
    operations[0].data.send_initial_metadata.count = metadata_count;
    operations[0].data.send_initial_metadata.metadata = headers;
    operations[1].op = GRPC_OP_SEND_MESSAGE;
    operations[1].data.send_message.send_message = request_message;
    operations[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
    operations[3].op = GRPC_OP_RECV_INITIAL_METADATA;
    operations[3].data.recv_initial_metadata.recv_initial_metadata = &initial_metadata;
    operations[4].op = GRPC_OP_RECV_MESSAGE;
    operations[4].data.recv_message.recv_message = &message;
    operations[5].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
    operations[5].data.recv_status_on_client.trailing_metadata = &trailing_metadata;
    operations[5].data.recv_status_on_client.status = &status;
    operations[5].data.recv_status_on_client.status_details = &details;
    operations[5].data.recv_status_on_client.error_string = &cause;

    if (grpc_call_start_batch(call, operations, 6, call, NULL) == GRPC_CALL_OK) {
        // Without a deadline of its own: the call carries one, so that it always completes.
        grpc_completion_queue_pluck(client->calls, call, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    } else {
        status = GRPC_STATUS_INTERNAL;
        details = grpc_slice_from_static_string("gRPC refused the request, a header is malformed");
    }

    cgb_reply reply = {.status = status, .details = copy_text(details)};
    reply.payload = copy_message(message, &reply.payload_count);
    if (cause != NULL) reply.cause = checked(strdup(cause));

    for (size_t i = 0; i < metadata_count; i++) {
        grpc_slice_unref(headers[i].key);
        grpc_slice_unref(headers[i].value);
    }
    gpr_free((void *)cause);
    grpc_slice_unref(details);
    grpc_metadata_array_destroy(&initial_metadata);
    grpc_metadata_array_destroy(&trailing_metadata);
    if (message != NULL) grpc_byte_buffer_destroy(message);
    grpc_byte_buffer_destroy(request_message);
    grpc_call_unref(call);
    cgb_live_objects_add(1);
    return reply;
}
