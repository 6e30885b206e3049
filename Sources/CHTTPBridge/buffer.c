#include "buffer.h"

#include <string.h>

#include "cgb_checked.h"

void buffer_append(buffer *buffer, const void *bytes, size_t count) {
    if (count > buffer->capacity - buffer->count) {
        buffer->capacity = 2 * (buffer->count + count) + 256;
        buffer->bytes = cgb_checked(realloc(buffer->bytes, buffer->capacity));
    }
    if (count > 0) memcpy(buffer->bytes + buffer->count, bytes, count);
    buffer->count += count;
}

char *buffer_take(buffer *buffer) {
    char *bytes = buffer->bytes;
    memset(buffer, 0, sizeof *buffer);
    return bytes;
}

void buffer_free(buffer *buffer) {
    free(buffer->bytes);
    memset(buffer, 0, sizeof *buffer);
}
