#ifndef CGB_REPLY_H
#define CGB_REPLY_H

#include <stddef.h>
#include <stdint.h>

/// What came of one call. The caller owns it and passes it to `cgb_reply_destroy` once.
typedef struct cgb_reply {
    /// The gRPC status code: 0 is success, see the gRPC core documentation "statuscodes".
    int32_t status;
    /// The serialized response message; NULL when the server sent none.
    uint8_t *payload;
    size_t payload_count;
    /// The status text that the server, or gRPC for it, gave. Never NULL.
    char *details;
    /// gRPC's own account of a failure that arose on this side, or NULL.
    char *cause;
} cgb_reply;

/// Frees what the reply points at.
void cgb_reply_destroy(cgb_reply reply);

#endif
