#ifndef CGB_CANCELABLE_H
#define CGB_CANCELABLE_H

#include "cgb_cancellation.h"

/// Something that a cancellation ends: the first member of it, or a member that it is found by.
typedef struct cancelable {
    /// What to do, on the thread that cancels; NULL while not bound.
    void (*cancel)(struct cancelable *self);
    cgb_cancellation *cancellation;
    struct cancelable *previous;
    struct cancelable *next;
} cancelable;

/// Binds to a cancellation; one that was canceled already cancels at once.
void cgb_cancelable_bind(cancelable *self, cgb_cancellation *cancellation, void (*cancel)(cancelable *self));

/// Frees from the cancellation, which does nothing to it from now on. Harmless when it was not bound.
void cgb_cancelable_unbind(cancelable *self);

#endif
