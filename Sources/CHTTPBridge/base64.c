#include "chb_base64.h"

#include <limits.h>
#include <openssl/evp.h>

ptrdiff_t chb_base64_decode(const uint8_t *text, size_t count, uint8_t *bytes) {
    if (count % 4 != 0 || count > INT_MAX) return -1;
    int written = EVP_DecodeBlock(bytes, text, (int)count);
    if (written < 0) return -1;
    // What the padding stands for is counted as zeros.
    for (size_t i = 0; i < 2 && i < count && text[count - 1 - i] == '='; i++) written--;
    return written;
}

void chb_base64_encode(const uint8_t *bytes, size_t count, uint8_t *text) {
    EVP_EncodeBlock(text, bytes, (int)count);
}
