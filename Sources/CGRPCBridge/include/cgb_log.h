#ifndef CGB_LOG_H
#define CGB_LOG_H

#include <stddef.h>

/// Returns what gRPC has logged at level ERROR since the last call and forgets it: one message a line, the newest 8 KiB.
/// NULL when nothing was logged. The caller frees the text with `free`.
///
/// gRPC would write these lines to stderr, and for a failed TLS handshake they alone hold the cause.
char *cgb_log_take(void);

/// Directs gRPC's log of the whole process into memory. `cgb_client_create` calls it.
void cgb_log_capture(void);

#endif
