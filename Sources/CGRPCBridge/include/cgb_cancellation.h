#ifndef CGB_CANCELLATION_H
#define CGB_CANCELLATION_H

#include <stdbool.h>

#include "cgb_client.h"

/// The order to end what blocks, given once and for all. Every thread may use it at any time.
typedef struct cgb_cancellation cgb_cancellation;

/// Makes a cancellation, which the caller owns.
cgb_cancellation *cgb_cancellation_create(void);

/// Destroys it, once every client and stream that was bound to it is destroyed.
void cgb_cancellation_destroy(cgb_cancellation *cancellation);

/// Cancels the streams bound to it, and those to come, and wakes a client that waits for its connections.
void cgb_cancellation_cancel(cgb_cancellation *cancellation);

/// Whether it was canceled.
bool cgb_cancellation_is_canceled(cgb_cancellation *cancellation);

/// Has the cancellation wake `cgb_client_await_change` once, as if a connection had changed.
///
/// Called once, when all endpoints were added; at least one was.
void cgb_client_bind(cgb_client *client, cgb_cancellation *cancellation);

#endif
