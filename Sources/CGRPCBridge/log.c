#include "log.h"

#include <grpc/support/log.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "cgb_log.h"

#define CAPACITY 8192

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char text[CAPACITY];
static size_t used;

void cgb_log_append(const char *line) {
    size_t count = strlen(line);
    if (count > CAPACITY / 4) count = CAPACITY / 4;
    pthread_mutex_lock(&mutex);
    if (used + count + 1 > CAPACITY) {
        size_t dropped = used + count + 1 - CAPACITY;
        memmove(text, text + dropped, used - dropped);
        used -= dropped;
    }
    memcpy(text + used, line, count);
    used += count;
    text[used++] = '\n';
    pthread_mutex_unlock(&mutex);
}

static void keep_errors(gpr_log_func_args *args) {
    if (args->severity == GPR_LOG_SEVERITY_ERROR) cgb_log_append(args->message);
}

void cgb_log_capture(void) {
    gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);
    gpr_set_log_function(keep_errors);
}

char *cgb_log_take(void) {
    pthread_mutex_lock(&mutex);
    char *copy = used == 0 ? NULL : strndup(text, used);
    used = 0;
    pthread_mutex_unlock(&mutex);
    return copy;
}
