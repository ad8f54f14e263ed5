/* keep.c - memory for many small things that are kept until the file is closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/keep.h"

#include <epan/wmem_scopes.h>

#include <string.h>

#include "memory/capture.h"

enum { CHUNK = 64 * 1024, UNIT = 8 }; /* bytes */

static gsize rounded(gsize size)
{
    return (size + UNIT - 1) / UNIT * UNIT;
}

/* Cuts bytes off the chunk. What is left of one before is given up: less than is taken here, and seldom. */
static guint8 *cut(gsize size)
{
    if (size > capture.kept.left) {
        capture.kept.next = (guint8 *)wmem_alloc(wmem_file_scope(), CHUNK);
        capture.kept.left = CHUNK;
    }
    guint8 *memory = capture.kept.next;
    capture.kept.next += size;
    capture.kept.left -= size;
    return memory;
}

/* Memory that an array left behind begins with a pointer to the next of its size. */
static void **left_behind(gsize size)
{
    gsize units = size / UNIT;
    return units < KEEP_SIZES ? &capture.kept.left_behind[units] : NULL;
}

void *keep_memory(gsize size)
{
    size = rounded(size);
    void **again = left_behind(size);
    if (again != NULL && *again != NULL) {
        void *memory = *again;
        *again = *(void **)memory;
        return memory;
    }
    return size > CHUNK / 8 ? wmem_alloc(wmem_file_scope(), size) : cut(size);
}

void *keep_copy(const void *original, gsize size)
{
    return memcpy(keep_memory(size), original, size);
}

void *keep_own(const void *part, const void *none, gsize size)
{
    return part == none ? keep_copy(none, size) : (void *)part;
}

/* Where things differ, their ends mostly do: of an address, the pointer to its bytes. */
static guint32 hash_of(const guint8 *bytes, gsize size)
{
    const gsize end = 16;
    guint32 hash = (guint32)size;
    for (gsize i = size > end ? size - end : 0; i < size; i++) {
        hash = hash * 31 + bytes[i];
    }
    return hash;
}

/* Connections have the same server, and the same is found in them in the same words. */
const void *keep_shared(const void *original, gsize size)
{
    guint32 place = hash_of((const guint8 *)original, size) % KEEP_LATEST;
    bool equal = capture.kept.latest[place].at != NULL && capture.kept.latest[place].size == size &&
                 memcmp(capture.kept.latest[place].at, original, size) == 0;
    if (!equal) {
        capture.kept.latest[place].at = keep_copy(original, size);
        capture.kept.latest[place].size = size;
    }
    return capture.kept.latest[place].at;
}

void *keep_larger(void *old, gsize old_size, gsize size)
{
    void *memory = keep_memory(size);
    void **leave = left_behind(rounded(old_size));
    if (old_size == 0) {
        return memory;
    }
    memcpy(memory, old, old_size);
    if (leave != NULL) {
        *(void **)old = *leave;
        *leave = old;
    }
    return memory;
}

void *keep_places(void *array, guint32 *room, guint32 index, gsize size)
{
    const guint32 least = 64;
    guint32 before = *room;
    if (index < before) {
        return array;
    }
    *room = index + index / 8 + least;
    guint8 *places = (guint8 *)wmem_realloc(wmem_file_scope(), array, *room * size);
    memset(places + before * size, 0, (*room - before) * size);
    return places;
}
