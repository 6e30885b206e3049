#include "outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cgb_checked.h"

chb_outcome outcome_failure(chb_failure failure, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return (chb_outcome){.failure = failure, .details = cgb_checked(strdup(text))};
}

void chb_outcome_destroy(chb_outcome outcome) {
    free(outcome.details);
    free(outcome.headers);
    free(outcome.body);
}
