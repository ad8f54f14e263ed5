/* rows.h - a growing list of equal rows, in file scope.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Most connections are short, and there are many: a list takes memory in small pages, and none while it is empty. A row
 * never moves. What wmem_array leaves behind where it grows is seldom used again.
 */
#ifndef TDSCONN_ROWS_H
#define TDSCONN_ROWS_H

#include <glib.h>

/* All 0 = empty. */
typedef struct {
    void *at;      /* the only page; if there are more, an array of pointers to them */
    guint32 count; /* of the rows */
    guint16 size;  /* of a row in bytes */
    guint8 bits;   /* a page has 1 << bits rows, but the first */
    guint8 first;  /* rows of the first page */
} rows_t;

/* Adds a copy of a row of this size in bytes, always the same for a list. Returns the copy. */
void *rows_add(rows_t *rows, const void *row, gsize size);

/* The row at this index, which must be less than the count. */
static inline void *rows_at(const rows_t *rows, guint32 index)
{
    guint32 first = rows->first;
    guint32 behind = index - first;
    guint8 *page = (guint8 *)rows->at;
    if (rows->count > first) {
        page = ((guint8 **)rows->at)[index < first ? 0 : 1 + (behind >> rows->bits)];
    }
    guint32 place = index < first ? index : behind & ((1u << rows->bits) - 1);
    return page + (gsize)place * rows->size;
}

/* The latest row; NULL if there is none. */
static inline void *rows_last(const rows_t *rows)
{
    return rows->count == 0 ? NULL : rows_at(rows, rows->count - 1);
}

/* Lists of rows that begin with their guint32 frame, in frame order. */

/* The index of the first row of this frame or of a later one; the count if there is none. */
guint32 frames_from(const rows_t *rows, guint32 frame);

/* The row at this index if it is there and of this frame; else NULL. */
void *frames_at(const rows_t *rows, guint32 index, guint32 frame);

/* Adds a copy of a row of this size in frame order, behind those of the same frame. Those of later frames move. */
void frames_add(rows_t *rows, const void *row, gsize size);

#endif
