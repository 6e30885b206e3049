#ifndef CHB_BASE64_H
#define CHB_BASE64_H

#include <stddef.h>
#include <stdint.h>

/// Decodes padded Base64 (RFC 4648 section 4) without line breaks into `bytes`, which has room for three quarters of `count`.
///
/// Returns the number of bytes, or -1 when the text is something else.
ptrdiff_t chb_base64_decode(const uint8_t *text, size_t count, uint8_t *bytes);

/// Encodes bytes with padding into `text`, which has room for four characters for every three bytes begun, and a zero byte.
void chb_base64_encode(const uint8_t *bytes, size_t count, uint8_t *text);

#endif
