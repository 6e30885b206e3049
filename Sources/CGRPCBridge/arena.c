#include "cgb_arena.h"

#include <stdlib.h>

#define CHUNK_SIZE 16384

typedef struct chunk {
    struct chunk *next;
    size_t size;
    size_t used;
    max_align_t bytes[];
} chunk;

struct cgb_arena {
    chunk *newest;
};

cgb_arena *cgb_arena_create(void) {
    cgb_arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) abort();
    return arena;
}

void *cgb_arena_allocate(cgb_arena *arena, size_t count) {
    const size_t alignment = _Alignof(max_align_t);
    count = (count + alignment - 1) / alignment * alignment;
    chunk *current = arena->newest;
    if (current == NULL || current->size - current->used < count) {
        size_t size = count > CHUNK_SIZE ? count : CHUNK_SIZE;
        current = calloc(1, sizeof *current + size);
        if (current == NULL) abort();
        current->size = size;
        current->next = arena->newest;
        arena->newest = current;
    }
    void *piece = (char *)current->bytes + current->used;
    current->used += count;
    return piece;
}

void cgb_arena_destroy(cgb_arena *arena) {
    for (chunk *current = arena->newest; current != NULL;) {
        chunk *next = current->next;
        free(current);
        current = next;
    }
    free(arena);
}
