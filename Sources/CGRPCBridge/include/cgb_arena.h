#ifndef CGB_ARENA_H
#define CGB_ARENA_H

#include <stddef.h>
#include <stdint.h>

/// Memory for one request's tree of protobuf-c structs: allocated piece by piece, freed at once.
typedef struct cgb_arena cgb_arena;

/// Makes an empty arena, which the caller owns. Aborts when memory is exhausted, as the Swift runtime does.
cgb_arena *cgb_arena_create(void);

/// Returns `count` zeroed bytes, aligned for any type, that live until the arena is destroyed.
void *cgb_arena_allocate(cgb_arena *arena, size_t count);

/// Frees the arena and everything allocated from it.
void cgb_arena_destroy(cgb_arena *arena);

#endif
