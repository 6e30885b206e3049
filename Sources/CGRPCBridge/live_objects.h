#ifndef CGB_LIVE_OBJECTS_H
#define CGB_LIVE_OBJECTS_H

#include <stdint.h>

/// Counts what the bridge has handed out, so that a test can see that all came back.
void cgb_live_objects_add(int64_t difference);

#endif
