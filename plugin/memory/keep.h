/* keep.h - memory for many small things that are kept until the file is closed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Wireshark puts 16 bytes before everything that it allocates in file scope, and rounds it up to 16. A capture may have
 * a million connections, and most of what is kept of one is not larger than that. So larger chunks are taken from file
 * scope, and cut here. Nothing is freed singly.
 */
#ifndef TDSCONN_KEEP_H
#define TDSCONN_KEEP_H

#include <glib.h>

/* Memory of this size in bytes, not cleared. In file scope, aligned for every type that needs 8 bytes at most. */
void *keep_memory(gsize size);

/* The same with a copy of `original`. */
void *keep_copy(const void *original, gsize size);

/* A copy, or an equal one that was kept here not long ago: not to be changed. In file scope. */
const void *keep_shared(const void *original, gsize size);

/* Memory for an array that grows: with a copy of the `old_size` bytes of `old`, which must not be used any more.
 * Other arrays get its memory. `old`: of this module; NULL if `old_size` is 0. */
void *keep_larger(void *old, gsize old_size, gsize size);

/* One array for all of a capture, with a place for `index`: as `array` if it has one, else larger and moved. What is
 * new is 0. `room`: how many places there are. It grows by an eighth: twice as much would leave half of it unused. */
void *keep_places(void *array, guint32 *room, guint32 index, gsize size);

/* A part of something that may be changed: `part` itself, or a copy of this size if it is `none`, which stands for all
 * parts that were not made. File scope. */
void *keep_own(const void *part, const void *none, gsize size);

#endif
