#include <malloc.h>

// Otherwise each of gRPC's threads maps a heap of its own for the little that it allocates (mallopt(3)).
__attribute__((constructor)) static void use_one_heap(void) {
    mallopt(M_ARENA_MAX, 1);
}
