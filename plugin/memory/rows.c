/* rows.c - a growing list of equal rows, in file scope.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/rows.h"

#include <string.h>

#include "memory/keep.h"

#define ROWS_SMALL 8   /* bytes: it does not pay to make a page for one row */
#define ROWS_LARGE 32  /* bytes: of larger rows the first page has two */
#define ROWS_PAGE  160 /* bytes: a page has 8 rows, or fewer that fit in, but always two */

static void *new_page(const rows_t *rows, guint32 room)
{
    return keep_memory((gsize)rows->size * room);
}

/* Makes room for a pointer to another page, behind the `pages` that there are: it is doubled where it is full. */
static void make_room(rows_t *rows, guint32 pages)
{
    const guint32 least = 2;
    if (pages == 1) {
        void **all = (void **)keep_memory(least * sizeof(void *));
        all[0] = rows->at;
        rows->at = all;
    } else if (pages >= least && (pages & (pages - 1)) == 0) {
        rows->at = keep_larger(rows->at, pages * sizeof(void *), 2 * (gsize)pages * sizeof(void *));
    }
}

static void grow(rows_t *rows)
{
    guint32 behind = rows->count - rows->first;
    if (rows->count == 0) {
        rows->at = new_page(rows, rows->first);
    } else if (rows->count >= rows->first && (behind & ((1u << rows->bits) - 1)) == 0) {
        guint32 pages = 1 + (behind >> rows->bits);
        make_room(rows, pages);
        ((void **)rows->at)[pages] = new_page(rows, 1u << rows->bits);
    }
}

/* A SYN that nobody answers is one frame with one entry. */
static void begin(rows_t *rows, gsize size)
{
    rows->size = (guint16)size;
    rows->bits = 3;
    while (rows->bits > 1 && size << rows->bits > ROWS_PAGE) {
        rows->bits--;
    }
    rows->first = size > ROWS_LARGE || size <= ROWS_SMALL ? 2 : 1;
}

void *rows_add(rows_t *rows, const void *row, gsize size)
{
    if (rows->count == 0) {
        begin(rows, size);
    }
    grow(rows);
    rows->count++;
    return memcpy(rows_last(rows), row, size);
}

static guint32 frame_at(const rows_t *rows, guint32 index)
{
    return *(const guint32 *)rows_at(rows, index);
}

guint32 frames_from(const rows_t *rows, guint32 frame)
{
    guint32 low = 0;
    guint32 high = rows->count;
    while (low < high) {
        guint32 middle = low + (high - low) / 2;
        if (frame_at(rows, middle) < frame) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void *frames_at(const rows_t *rows, guint32 index, guint32 frame)
{
    return index < rows->count && frame_at(rows, index) == frame ? rows_at(rows, index) : NULL;
}

void frames_add(rows_t *rows, const void *row, gsize size)
{
    guint32 frame = *(const guint32 *)row;
    rows_add(rows, row, size);
    const guint32 last = rows->count - 1;
    guint32 place = last;
    for (; place > 0 && frame_at(rows, place - 1) > frame; place--) {
        memcpy(rows_at(rows, place), rows_at(rows, place - 1), size);
    }
    if (place != last) {
        memcpy(rows_at(rows, place), row, size);
    }
}
