#include "cgb_reply.h"

#include <stdlib.h>

#include "live_objects.h"

void cgb_reply_destroy(cgb_reply reply) {
    free(reply.payload);
    free(reply.details);
    free(reply.cause);
    cgb_live_objects_add(-1);
}
