#include "client.h"

#include <grpc/grpc_security.h>
#include <grpc/grpc_security_constants.h>
#include <grpc/support/alloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "cgb_log.h"
#include "live_objects.h"

cgb_client *cgb_client_create(const cgb_tls *tls) {
    // libcrypto would otherwise read the host's openssl.cnf, and a bad one breaks TLS and the exit of the process.
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    cgb_log_capture();
    grpc_init();
    cgb_client *client = cgb_checked(calloc(1, sizeof *client));
    client->credentials = tls == NULL ? grpc_insecure_credentials_create() : cgb_tls_credentials(tls);
    client->uses_tls = tls != NULL;
    client->calls = grpc_completion_queue_create_for_pluck(NULL);
    client->connectivity = grpc_completion_queue_create_for_next(NULL);
    cgb_live_objects_add(1);
    return client;
}

void cgb_client_destroy(cgb_client *client) {
    cgb_cancelable_unbind(&client->waiting);
    // Destroying a channel completes its watches, which the queue must deliver before it can go.
    for (size_t i = 0; i < client->endpoint_count; i++) grpc_channel_destroy(client->endpoints[i].channel);
    grpc_completion_queue_shutdown(client->connectivity);
    while (grpc_completion_queue_next(client->connectivity, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
           GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(client->connectivity);
    grpc_completion_queue_shutdown(client->calls);
    grpc_completion_queue_destroy(client->calls);
    grpc_channel_credentials_release(client->credentials);
    free(client->endpoints);
    free(client);
    grpc_shutdown();
    cgb_live_objects_add(-1);
}

static grpc_arg integer_argument(const char *key, int value) {
    return (grpc_arg){.type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value};
}

void cgb_client_set_keepalive(cgb_client *client, int32_t time_ms, int32_t timeout_ms) {
    client->keepalive_time = time_ms;
    client->keepalive_timeout = timeout_ms;
}

size_t cgb_client_add_endpoint(
    cgb_client *client, const char *target, const char *server_name, int32_t resolve_timeout_ms,
    int32_t connect_timeout_ms) {
    grpc_arg arguments[] = {
        integer_argument(GRPC_ARG_DNS_ARES_QUERY_TIMEOUT_MS, resolve_timeout_ms),
        // The next three name one thing: how long a connection attempt may take and when the next one may start.
        integer_argument(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_timeout_ms),
        integer_argument(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100),
        integer_argument(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, connect_timeout_ms),
        integer_argument(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, -1),
        // Whether a call may be repeated is decided where it is known whether it writes.
        integer_argument(GRPC_ARG_ENABLE_RETRIES, 0),
        // etcd is a cluster's own server: an http_proxy in the runtime's environment is not meant for it.
        integer_argument(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
        // A channel that replaces another one must not find its connection again.
        integer_argument(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        // Without the filters for compression and load reports; the check of deadlines, which goes with them, stays.
        integer_argument(GRPC_ARG_MINIMAL_STACK, 1),
        integer_argument(GRPC_ARG_ENABLE_DEADLINE_CHECKS, 1),
        // Probing for the bandwidth costs a ping for each answer.
        integer_argument(GRPC_ARG_HTTP2_BDP_PROBE, 0),
    };
    size_t count = sizeof arguments / sizeof *arguments;
    grpc_arg all[sizeof arguments / sizeof *arguments + 5];
    memcpy(all, arguments, sizeof arguments);
    if (client->uses_tls) {
        // The target may be an address, and the certificate is for the name.
        all[count++] = (grpc_arg){
            .type = GRPC_ARG_STRING,
            .key = GRPC_SSL_TARGET_NAME_OVERRIDE_ARG,
            .value.string = (char *)server_name,
        };
    }
    if (strncmp(target, "dns:", 4) == 0) {
        // A name may stand for all members: each call goes to the next one that is connected, and none waits for a silent one.
        all[count++] = (grpc_arg){
            .type = GRPC_ARG_STRING,
            .key = GRPC_ARG_LB_POLICY_NAME,
            .value.string = "round_robin",
        };
    }
    if (client->keepalive_time != 0) {
        all[count++] = integer_argument(GRPC_ARG_KEEPALIVE_TIME_MS, client->keepalive_time);
        all[count++] = integer_argument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, client->keepalive_timeout);
        // A stream may be silent for any number of pings.
        all[count++] = integer_argument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    }
    grpc_channel_args channel_arguments = {.num_args = count, .args = all};

    size_t index = client->endpoint_count;
    client->endpoints = cgb_checked(realloc(client->endpoints, (index + 1) * sizeof *client->endpoints));
    client->endpoints[index] = (endpoint){
        .channel = grpc_channel_create(target, client->credentials, &channel_arguments),
        .seen = GRPC_CHANNEL_IDLE,
    };
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
    grpc_event event = grpc_completion_queue_next(client->connectivity, cgb_time_of(deadline), NULL);
    if (event.type != GRPC_OP_COMPLETE) return false;
    if (event.tag == CGB_WAKE_TAG) return true;
    client->endpoints[(size_t)event.tag].watched = false;
    return true;
}

cgb_reply cgb_client_call(
    cgb_client *client, size_t index, const char *method, const uint8_t *request, size_t request_count,
    const cgb_metadata *metadata, size_t metadata_count, int64_t deadline) {
    grpc_slice method_slice = grpc_slice_from_copied_string(method);
    grpc_call *call = grpc_channel_create_call(
        client->endpoints[index].channel, NULL, GRPC_PROPAGATE_DEFAULTS, client->calls, method_slice, NULL,
        cgb_time_of(deadline), NULL);
    grpc_slice_unref(method_slice);

    grpc_byte_buffer *request_message = cgb_message_of(request, request_count);
    grpc_metadata headers[metadata_count + 1];
    cgb_metadata_copy(headers, metadata, metadata_count);

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

    cgb_client_await_call(client, call);
    if (grpc_call_start_batch(call, operations, 6, call, NULL) == GRPC_CALL_OK) {
        // Without a deadline of its own: the call carries one, so that it always completes.
        grpc_completion_queue_pluck(client->calls, call, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    } else {
        status = GRPC_STATUS_INTERNAL;
        details = grpc_slice_from_static_string("gRPC refused the request, a header is malformed");
    }

    cgb_client_await_call(client, NULL);

    cgb_reply reply = {.status = status, .details = cgb_copy_text(details)};
    reply.payload = cgb_copy_message(message, &reply.payload_count);
    if (cause != NULL) reply.cause = cgb_checked(strdup(cause));

    cgb_metadata_release(headers, metadata_count);
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
