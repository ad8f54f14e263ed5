/* table.h - statistics that are a table: in the menu Statistics, and as tshark -z tdsconn,NAME.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A statistic is a description of its columns and of what it does with connections or frames. How its rows are kept,
 * sorted and laid out is here, for all of them.
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

/* One column: what is at an offset in the row. */
typedef struct {
    const char *title;
    cell_kind_t kind;
    gsize offset;
    guint limit; /* bytes of a text; 0 = as long as it is */
} column_t;

typedef struct table table_t;

typedef struct {
    const char *name;  /* tshark -z tdsconn,NAME */
    const char *title; /* in the menu and over the table */
    const column_t *columns;
    guint column_count;
    gsize row_size;
    int (*order)(const void *a, const void *b); /* of two rows; 0 = the same row */
    int (*rank)(const void *a, const void *b);  /* of two rows in a text, 0 = by order; may be NULL */
    void (*free_row)(void *row);                /* what it points to; may be NULL */
    /* A connection of which a frame passed the filter: told once, when everything is known of it. May be NULL. */
    void (*add_connection)(table_t *table, const track_t *track);
    /* Each frame that passed the filter. May be NULL. */
    void (*add_frame)(table_t *table, const tap_frame_t *frame);
} statistic_t;

/* Makes a statistic known to Wireshark; the description must stay. Called at registration. */
void table_register(const statistic_t *statistic);

/* A table of our own, which Wireshark does not know: for a text. It is never freed; the caller gives it what it takes.
 */
table_t *table_make(const statistic_t *statistic);

/* Gives it a connection, once; or a frame. */
void table_give_connection(table_t *table, const track_t *track);
void table_give_frame(table_t *table, const tap_frame_t *frame);

/* No row is left. */
void table_clear(table_t *table);

/* How many rows there are, and one of them by its place. Valid as table_row is. */
guint table_count(const table_t *table);
const void *table_at(const table_t *table, guint index);

/* Adds its titles and at most `most` rows, by rank, as lines that begin with `indent`; nothing without rows. */
void table_write(const table_t *table, GString *text, const char *indent, guint most);

/* An order of rows: by the guint32 that they begin with. */
int order_by_number(const void *a, const void *b);

/* The row that is the same as `like`; if there is none, a copy of it is put where it belongs. Valid until the table is
 * filled anew. */
void *table_row(table_t *table, const void *like);

/* Shows a row as it is now. Its texts are copied. */
void table_show(table_t *table, const void *row);

/* For the texts of a row until it is shown: they go with the next table_show. */
wmem_allocator_t *table_scratch(void);

#endif
