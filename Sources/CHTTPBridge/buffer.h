#ifndef CHB_BUFFER_H
#define CHB_BUFFER_H

#include <stddef.h>

/// Bytes that grow; all zeros is an empty one.
typedef struct buffer {
    char *bytes;
    size_t count;
    size_t capacity;
} buffer;

/// Appends bytes.
void buffer_append(buffer *buffer, const void *bytes, size_t count);

/// Hands the bytes over, which may be NULL, and leaves the buffer empty.
char *buffer_take(buffer *buffer);

/// Frees the bytes.
void buffer_free(buffer *buffer);

#endif
