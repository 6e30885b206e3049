#ifndef CGB_STREAM_H
#define CGB_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgb_cancellation.h"
#include "cgb_client.h"
#include "cgb_reply.h"

/// One call in which both sides may send any number of messages, in any order. One owner, one thread at a time; only its
/// cancellation works from any thread.
typedef struct cgb_stream cgb_stream;

/// What `cgb_stream_next` waited for.
typedef enum __attribute__((enum_extensibility(closed))) cgb_stream_event {
    /// The deadline has passed. What is under way stays so.
    cgb_stream_event_idle __attribute__((swift_name("idle"))) = 0,
    /// gRPC has taken the message that was sent last; the next one may follow.
    cgb_stream_event_sent __attribute__((swift_name("sent"))) = 1,
    /// A message came.
    cgb_stream_event_message __attribute__((swift_name("message"))) = 2,
    /// The call is over, and every message that came was given out.
    cgb_stream_event_end __attribute__((swift_name("end"))) = 3,
} cgb_stream_event;

/// Opens a call on an endpoint's channel, which the caller owns. It fails at once, as any failure by its end, when the
/// endpoint can't be connected (no wait-for-ready), and has no deadline of its own.
///
/// `cancellation` may be NULL; otherwise it must outlive the stream. The stream may outlive the client. All arguments are
/// borrowed.
cgb_stream *cgb_stream_open(
    cgb_client *client, size_t endpoint, const char *method, const cgb_metadata *metadata, size_t metadata_count,
    cgb_cancellation *cancellation);

/// Sends a message, after which `is_last` says that no other will follow. The bytes are copied. It does not block:
/// while the peer reads nothing and waits to be read, only `cgb_stream_next` helps.
///
/// Returns false, and has done nothing, while the message before is still on its way.
bool cgb_stream_send(cgb_stream *stream, const uint8_t *message, size_t count, bool is_last);

/// Blocks until something comes, or until the deadline (nanoseconds on CLOCK_MONOTONIC).
///
/// With a message, `reply` is that message; with the end, it is the status of the call; both are the caller's. A message is
/// asked of gRPC only here, one at a time, so that a server that sends faster than it is read is held up.
cgb_stream_event cgb_stream_next(cgb_stream *stream, int64_t deadline, cgb_reply *reply);

/// Destroys the stream, whatever its state, and cancels the call unless it is over.
void cgb_stream_destroy(cgb_stream *stream);

#endif
