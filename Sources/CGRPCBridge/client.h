#ifndef CGB_CLIENT_PRIVATE_H
#define CGB_CLIENT_PRIVATE_H

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/slice.h>

#include "cancelable.h"
#include "cgb_checked.h"
#include "cgb_client.h"

typedef struct endpoint {
    grpc_channel *channel;
    /// What `cgb_client_connectivity` returned last.
    grpc_connectivity_state seen;
    /// A watch for a state other than `seen` is on its way to the connectivity queue.
    bool watched;
} endpoint;

struct cgb_client {
    grpc_channel_credentials *credentials;
    bool uses_tls;
    grpc_completion_queue *calls;
    grpc_completion_queue *connectivity;
    endpoint *endpoints;
    size_t endpoint_count;
    /// Milliseconds of HTTP/2 keepalive; a time of 0 for none.
    int32_t keepalive_time;
    int32_t keepalive_timeout;
    /// What wakes the thread that waits for `connectivity`, and ends the call below.
    cancelable waiting;
    /// The call that a thread waits for, if any; it changes under the cancellation's lock.
    grpc_call *call;
};

/// Says which call a thread waits for from now on, so that a cancellation ends it: NULL for none.
void cgb_client_await_call(cgb_client *client, grpc_call *call);

/// The credentials of TLS connections.
grpc_channel_credentials *cgb_tls_credentials(const cgb_tls *tls);

/// The event on the connectivity queue that is no endpoint's: the thread that waits is to wake up.
#define CGB_WAKE_TAG ((void *)SIZE_MAX)

/// A gRPC time for nanoseconds on CLOCK_MONOTONIC.
gpr_timespec cgb_time_of(int64_t nanoseconds);

/// A message of one block, which the caller destroys.
grpc_byte_buffer *cgb_message_of(const uint8_t *bytes, size_t count);

/// The bytes of a received message as one block of its own; NULL and 0 when there is no message.
uint8_t *cgb_copy_message(grpc_byte_buffer *message, size_t *count);

/// The slice as a C string of its own.
char *cgb_copy_text(grpc_slice slice);

/// Makes `count` request headers; the copies live until `cgb_metadata_release`.
///
/// Copied, because a call that ends by its deadline may leave them with the transport.
void cgb_metadata_copy(grpc_metadata *headers, const cgb_metadata *metadata, size_t count);

/// Lets go of the copies.
void cgb_metadata_release(grpc_metadata *headers, size_t count);

#endif
