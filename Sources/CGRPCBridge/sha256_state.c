// The newer interface looks its algorithm up in a provider, which takes longer than many digests.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "cgb_sha256_state.h"

#include <openssl/sha.h>
#include <stdlib.h>

#include "live_objects.h"

struct cgb_sha256_state {
    SHA256_CTX context;
};

cgb_sha256_state *cgb_sha256_state_create(void) {
    cgb_sha256_state *state = malloc(sizeof *state);
    if (state == NULL) abort();
    SHA256_Init(&state->context);
    cgb_live_objects_add(1);
    return state;
}

void cgb_sha256_state_update(cgb_sha256_state *state, const uint8_t *bytes, size_t count) {
    SHA256_Update(&state->context, bytes, count);
}

void cgb_sha256_state_digest(const cgb_sha256_state *state, uint8_t *digest) {
    SHA256_CTX copy = state->context;
    SHA256_Final(digest, &copy);
}

void cgb_sha256_state_destroy(cgb_sha256_state *state) {
    free(state);
    cgb_live_objects_add(-1);
}
