#ifndef CGB_SHA256_STATE_H
#define CGB_SHA256_STATE_H

#include <stddef.h>
#include <stdint.h>

/// A SHA-256 (FIPS 180-4) of bytes that come piece by piece.
typedef struct cgb_sha256_state cgb_sha256_state;

/// Makes the state of no bytes, which the caller owns.
cgb_sha256_state *cgb_sha256_state_create(void);

/// Adds bytes.
void cgb_sha256_state_update(cgb_sha256_state *state, const uint8_t *bytes, size_t count);

/// Writes the 32 bytes of the digest of what was added so far.
void cgb_sha256_state_digest(const cgb_sha256_state *state, uint8_t *digest);

/// Frees the state.
void cgb_sha256_state_destroy(cgb_sha256_state *state);

#endif
