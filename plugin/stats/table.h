/* table.h - statistics that are a table: in the menu Statistics, and as tshark -z tdsconn,NAME.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A statistic_t describes the columns, and what is done with connections or frames. Keeping, sorting and laying out the
 * rows is done here, for all statistics.
 */
#ifndef TDSCONN_TABLE_H
#define TDSCONN_TABLE_H

#include <stddef.h>

#include "show/taps.h"

typedef enum {
    CELL_COUNT,        /* guint32 */
    CELL_BYTES,        /* guint64 */
    CELL_NUMBER,       /* gint64, shown as "-" if it is NUMBER_NONE */
    CELL_SECONDS,      /* moment_t, shown as "-" if it is MOMENT_NONE */
    CELL_MILLISECONDS, /* the same, shown in seconds with three decimals */
    CELL_TEXT,         /* const char *, shown as "-" if it is empty or NULL */
    CELL_CHARACTERS    /* the same as an array in the row */
} cell_kind_t;

#define NUMBER_NONE ((gint64)-1)

/* One column: the value at an offset in the row. */
typedef struct {
    const char *title;
    cell_kind_t kind;
    gsize offset;
    guint limit; /* bytes of a text that are shown; 0 = all */
} column_t;

typedef struct table table_t;

typedef struct {
    const char *name;  /* tshark -z tdsconn,NAME */
    const char *title; /* in the menu and over the table */
    const column_t *columns;
    guint column_count;
    gsize row_size;
    int (*order)(const void *a, const void *b); /* of two rows; 0 = the same row */
    int (*rank)(const void *a, const void *b);  /* of two rows in table_write, 0 = by order; NULL = all by order */
    void (*free_row)(void *row);                /* frees what the row points to; may be NULL */
    /* Called once for each connection of which a frame passed the filter, when its facts are final. May be NULL. */
    void (*add_connection)(table_t *table, const track_t *track);
    /* Called for each frame that passed the filter. May be NULL. */
    void (*add_frame)(table_t *table, const tap_frame_t *frame);
} statistic_t;

/* Registers a statistic with Wireshark. The description must be static. Called at registration. */
void table_register(const statistic_t *statistic);

/* A table that Wireshark does not know, for table_write. It is never freed. The caller fills it with the next
 * functions. */
table_t *table_make(const statistic_t *statistic);

/* Give such a table a connection, once for each; or a frame. Do nothing if the statistic does not use them. */
void table_give_connection(table_t *table, const track_t *track);
void table_give_frame(table_t *table, const tap_frame_t *frame);

/* Removes all rows of such a table. */
void table_clear(table_t *table);

/* How many rows there are; the row at an index. Valid as the result of table_row. */
guint table_count(const table_t *table);
const void *table_at(const table_t *table, guint index);

/* Appends its titles and at most `most` rows, by rank, as lines that begin with `indent`; then a line that counts
 * further rows. Nothing if there are no rows. */
void table_write(const table_t *table, GString *text, const char *indent, guint most);

/* An order of rows: by the guint32 that they begin with. */
int order_by_number(const void *a, const void *b);

/* The row that is the same as `like` by the statistic's order. If there is none, a copy of `like` is added. Valid until
 * the table is emptied. */
void *table_row(table_t *table, const void *like);

/* Updates the cells of a row that table_row returned. Its texts are copied. */
void table_show(table_t *table, const void *row);

/* The scope for texts of a row until it is shown: the next table_show, of any table, frees them. */
wmem_allocator_t *table_scratch(void);

#endif
