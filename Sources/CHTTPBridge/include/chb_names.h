#ifndef CHB_NAMES_H
#define CHB_NAMES_H

#include <stddef.h>
#include <stdint.h>

/// The IP addresses of a host's name, looked up in the host's file and by DNS (c-ares), and not by NSS, whose modules a static
/// program can't load. Ends by `deadline` (nanoseconds on CLOCK_MONOTONIC).
///
/// Returns the addresses as one text, one to a line and IPv4 first, or NULL with c-ares' words in `failure`. Both are freed by the caller.
char *chb_resolve(const char *name, int64_t deadline, char **failure);

#endif
