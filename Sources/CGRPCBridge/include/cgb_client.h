#ifndef CGB_CLIENT_H
#define CGB_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgb_reply.h"
#include "cgb_tls.h"

/// A gRPC client: a reference to the gRPC runtime, its completion queues, and one channel for each endpoint.
/// One owner, one thread at a time. C fixes the order in which the parts are destroyed.
typedef struct cgb_client cgb_client;

/// A channel's connection, as gRPC's connectivity API names it.
typedef enum __attribute__((enum_extensibility(closed))) cgb_connectivity {
    cgb_connectivity_idle __attribute__((swift_name("idle"))) = 0,
    cgb_connectivity_connecting __attribute__((swift_name("connecting"))) = 1,
    cgb_connectivity_ready __attribute__((swift_name("ready"))) = 2,
    cgb_connectivity_transient_failure __attribute__((swift_name("transientFailure"))) = 3,
    cgb_connectivity_shutdown __attribute__((swift_name("shutdown"))) = 4,
} cgb_connectivity;

/// A request header. Both texts are borrowed for the length of a call; keys are lower case.
typedef struct cgb_metadata {
    const char *key;
    const char *value;
} cgb_metadata;

/// Makes a client without endpoints, which the caller owns. Without `tls` its connections are in clear text.
cgb_client *cgb_client_create(const cgb_tls *tls);

/// Destroys the client with its channels and waits for gRPC to let go of them.
void cgb_client_destroy(cgb_client *client);

/// Has connections of endpoints that are added from now on probed while a call lasts: after a silence of `time_ms` a ping
/// is sent, and without an answer within `timeout_ms` the connection counts as broken.
///
/// gRPC reads the answer while a thread waits for a call or a connection, and otherwise every 5 seconds.
void cgb_client_set_keepalive(cgb_client *client, int32_t time_ms, int32_t timeout_ms);

/// Adds an endpoint and returns its index, 0 for the first. Nothing is connected yet.
///
/// `target` is a gRPC target name such as "ipv4:127.0.0.1:2379", "ipv6:[::1]:2379" or "dns:///name:2379".
/// `server_name` is the name or address that the server's certificate must be for; without TLS it has no meaning.
/// A name is given up after `resolve_timeout_ms`, and a connection attempt after `connect_timeout_ms`.
size_t cgb_client_add_endpoint(
    cgb_client *client, const char *target, const char *server_name, int32_t resolve_timeout_ms,
    int32_t connect_timeout_ms);

/// Returns the endpoint's connectivity; with `connect`, an idle channel starts to connect.
cgb_connectivity cgb_client_connectivity(cgb_client *client, size_t endpoint, bool connect);

/// Blocks until an endpoint's connectivity differs from what `cgb_client_connectivity` last returned for it, or until
/// the deadline (nanoseconds on CLOCK_MONOTONIC). Returns whether one changed.
bool cgb_client_await_change(cgb_client *client, int64_t deadline);

/// Makes one unary call on an endpoint's channel and blocks until it ends.
///
/// The call fails at once when the endpoint can't be connected (no wait-for-ready), and ends by the absolute `deadline`
/// (nanoseconds on CLOCK_MONOTONIC) in any case. All arguments are borrowed.
cgb_reply cgb_client_call(
    cgb_client *client, size_t endpoint, const char *method, const uint8_t *request, size_t request_count,
    const cgb_metadata *metadata, size_t metadata_count, int64_t deadline);

/// The number of clients, streams, cancellations, replies and digests that exist in this process: 0 when all were destroyed.
int64_t cgb_live_objects(void);

#endif
