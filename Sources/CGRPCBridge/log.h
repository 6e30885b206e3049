#ifndef CGB_LOG_PRIVATE_H
#define CGB_LOG_PRIVATE_H

/// Adds a line to what `cgb_log_take` returns, and drops the oldest bytes when there is no room; any thread may call it.
void cgb_log_append(const char *line);

#endif
