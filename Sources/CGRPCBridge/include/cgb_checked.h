#ifndef CGB_CHECKED_H
#define CGB_CHECKED_H

#include <stdlib.h>

/// Returns what an allocation returned, or aborts, as the Swift runtime does when memory is exhausted.
static inline void *cgb_checked(void *memory) {
    if (memory == NULL) abort();
    return memory;
}

#endif
