#ifndef CGB_TIME_H
#define CGB_TIME_H

#include <stdint.h>

/// Nanoseconds on CLOCK_MONOTONIC, the clock of every deadline that crosses this bridge.
int64_t cgb_monotonic_now(void);

#endif
