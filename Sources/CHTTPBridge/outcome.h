#ifndef CHB_OUTCOME_H
#define CHB_OUTCOME_H

#include "chb_connection.h"

/// A failure with a text of its own.
chb_outcome outcome_failure(chb_failure failure, const char *format, ...);

#endif
