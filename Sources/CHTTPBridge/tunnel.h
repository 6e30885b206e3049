#ifndef CHB_TUNNEL_H
#define CHB_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "chb_connection.h"

/// Has the proxy at the other end of a socket connect to the target's server (RFC 9110 section 9.3.6); false with the outcome when it does not.
bool tunnel_open(int file, const chb_target *target, int64_t deadline, chb_outcome *outcome);

#endif
