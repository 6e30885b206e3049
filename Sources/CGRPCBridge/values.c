#include <grpc/byte_buffer_reader.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

gpr_timespec cgb_time_of(int64_t nanoseconds) {
    if (nanoseconds < 0) nanoseconds = 0;
    gpr_timespec time = {
        .tv_sec = nanoseconds / GPR_NS_PER_SEC,
        .tv_nsec = (int32_t)(nanoseconds % GPR_NS_PER_SEC),
        .clock_type = GPR_CLOCK_MONOTONIC,
    };
    return time;
}

grpc_byte_buffer *cgb_message_of(const uint8_t *bytes, size_t count) {
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)bytes, count);
    grpc_byte_buffer *message = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return message;
}

uint8_t *cgb_copy_message(grpc_byte_buffer *message, size_t *count) {
    *count = 0;
    grpc_byte_buffer_reader reader;
    if (message == NULL || !grpc_byte_buffer_reader_init(&reader, message)) return NULL;
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    *count = GRPC_SLICE_LENGTH(slice);
    // One byte more, so that an empty message, which protobuf allows, is not NULL.
    uint8_t *bytes = cgb_checked(malloc(*count + 1));
    memcpy(bytes, GRPC_SLICE_START_PTR(slice), *count);
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
    return bytes;
}

char *cgb_copy_text(grpc_slice slice) {
    size_t count = GRPC_SLICE_LENGTH(slice);
    char *text = cgb_checked(malloc(count + 1));
    memcpy(text, GRPC_SLICE_START_PTR(slice), count);
    text[count] = '\0';
    return text;
}

void cgb_metadata_copy(grpc_metadata *headers, const cgb_metadata *metadata, size_t count) {
    for (size_t i = 0; i < count; i++) {
        headers[i] = (grpc_metadata){
            .key = grpc_slice_from_copied_string(metadata[i].key),
            .value = grpc_slice_from_copied_string(metadata[i].value),
        };
    }
}

void cgb_metadata_release(grpc_metadata *headers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        grpc_slice_unref(headers[i].key);
        grpc_slice_unref(headers[i].value);
    }
}
