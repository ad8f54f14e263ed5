/* table.c - statistics that are a table: in the menu Statistics, and as tshark -z tdsconn,NAME.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tshark prints a table by the titles and formats of its columns, and knows no widths. So both are made as wide as the
 * widest cell, whenever a wider one comes.
 */
#include "stats/table.h"

#include <epan/stat_tap_ui.h>

#include <inttypes.h>
#include <string.h>

#include "stats/once.h"
#include "wire/text.h"

typedef struct {
    void *row;
    stat_tap_table_item_type *cells; /* Wireshark's, in its table */
} line_t;

struct table {
    stat_tap_table_ui ui; /* first: Wireshark knows a table by it */
    const statistic_t *statistic;
    stat_tap_table_item *fields;
    guint *widths;
    GArray *lines;         /* line_t, in order */
    GPtrArray *retired;    /* cells of earlier fillings: a window that shows them may still be open */
    GStringChunk *strings; /* of all cells, likewise; a file's own strings would go with it */
    once_t *once;
};

static GPtrArray *tables;
static wmem_allocator_t *scratch; /* for the texts of one row */

/* Columns. {{{ */

static bool is_left(const column_t *column)
{
    return column->kind == CELL_TEXT || column->kind == CELL_CHARACTERS;
}

static void field_lay_out(table_t *table, guint index)
{
    const column_t *column = &table->statistic->columns[index];
    stat_tap_table_item *field = &table->fields[index];
    const char *side = is_left(column) ? "-" : "";
    g_free((char *)field->field_format);
    g_free((char *)field->column_name);
    char *title_format = g_strdup_printf("%%%s%us", side, table->widths[index]);
    field->field_format =
        g_strdup_printf("%%%s%u%c", side, table->widths[index], column->kind == CELL_COUNT ? 'u' : 's');
    field->column_name = g_strdup_printf(title_format, column->title);
    g_free(title_format);
}

static void field_widen(table_t *table, guint index, guint width)
{
    if (width > table->widths[index]) {
        table->widths[index] = width;
        field_lay_out(table, index);
    }
}

static void fields_reset(table_t *table)
{
    for (guint i = 0; i < table->statistic->column_count; i++) {
        table->widths[i] = 0;
        field_widen(table, i, (guint)strlen(table->statistic->columns[i].title));
    }
}

static stat_tap_table_item field_of(const column_t *column)
{
    return (stat_tap_table_item){
        .type = column->kind == CELL_COUNT ? TABLE_ITEM_UINT : TABLE_ITEM_STRING,
        .align = is_left(column) ? TAP_ALIGN_LEFT : TAP_ALIGN_RIGHT,
    };
}

static void fields_make(table_t *table)
{
    const statistic_t *statistic = table->statistic;
    table->fields = g_new0(stat_tap_table_item, statistic->column_count);
    table->widths = g_new0(guint, statistic->column_count);
    for (guint i = 0; i < statistic->column_count; i++) {
        table->fields[i] = field_of(&statistic->columns[i]);
    }
    fields_reset(table);
}

/* }}} */

/* Cells. {{{ */

/* Cut between two characters, with "..." at its end. */
static const char *text_cut(const char *text, guint limit)
{
    const char *end = text + limit - strlen("...");
    while (end > text && ((guint8)*end & 0xC0) == 0x80) {
        end--;
    }
    return wmem_strdup_printf(scratch, "%.*s...", (int)(end - text), text);
}

static const char *cell_text(const column_t *column, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        return "-";
    }
    text = text_shown(scratch, text); /* line ends and tabs would break the row */
    return column->limit != 0 && strlen(text) > column->limit ? text_cut(text, column->limit) : text;
}

/* Numbers that may be missing are texts, and those that need more than 32 bits. Blanks before them keep their order
 * where a window sorts texts. */
static const char *cell_string(const column_t *column, const void *row)
{
    const void *at = (const guint8 *)row + column->offset;
    if (column->kind == CELL_TEXT) {
        return cell_text(column, *(const char *const *)at);
    }
    if (column->kind == CELL_BYTES) {
        return wmem_strdup_printf(scratch, "%7" PRIu64, *(const guint64 *)at);
    }
    if (column->kind == CELL_CHARACTERS) {
        return cell_text(column, (const char *)at);
    }
    if (column->kind == CELL_NUMBER) {
        gint64 number = *(const gint64 *)at;
        return number == NUMBER_NONE ? "-" : wmem_strdup_printf(scratch, "%6" PRId64, number);
    }
    moment_t moment = *(const moment_t *)at;
    unsigned decimals = column->kind == CELL_MILLISECONDS ? 3 : 6;
    return moment == MOMENT_NONE
               ? "-"
               : wmem_strdup_printf(scratch, "%*s", 4 + (int)decimals, seconds_rounded(moment, decimals).text);
}

static stat_tap_table_item_type cell_count(guint32 count)
{
    stat_tap_table_item_type cell = {.type = TABLE_ITEM_UINT};
    cell.value.uint_value = count;
    return cell;
}

static stat_tap_table_item_type cell_of(table_t *table, guint index, const void *row)
{
    const column_t *column = &table->statistic->columns[index];
    if (column->kind == CELL_COUNT) {
        guint32 count = *(const guint32 *)(const void *)((const guint8 *)row + column->offset);
        field_widen(table, index, (guint)strlen(wmem_strdup_printf(scratch, "%u", count)));
        return cell_count(count);
    }
    const char *string = cell_string(column, row);
    field_widen(table, index, (guint)strlen(string));
    stat_tap_table_item_type cell = {.type = TABLE_ITEM_STRING};
    cell.value.string_value = g_string_chunk_insert_const(table->strings, string);
    return cell;
}

/* }}} */

/* Rows. {{{ */

int order_by_number(const void *a, const void *b)
{
    guint32 left = *(const guint32 *)a;
    guint32 right = *(const guint32 *)b;
    return (left > right) - (left < right);
}

static line_t *line_at(const table_t *table, guint index)
{
    return &g_array_index(table->lines, line_t, index);
}

/* The index of a row; if it is not there, the index where it belongs. */
static guint line_find(const table_t *table, const void *like, bool *found)
{
    guint low = 0;
    guint high = table->lines->len;
    *found = false;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        int order = table->statistic->order(line_at(table, middle)->row, like);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static stat_tap_table *wireshark_table(const table_t *table)
{
    return g_array_index(table->ui.tables, stat_tap_table *, 0);
}

/* Wireshark adds rows at the end of a table. It and its windows point to the row itself, so the row can be moved. */
static stat_tap_table_item_type *cells_insert(table_t *table, guint index)
{
    stat_tap_table *own = wireshark_table(table);
    guint count = own->num_elements;
    stat_tap_table_item_type none = {.type = TABLE_ITEM_NONE};
    stat_tap_init_table_row(own, count, 1, &none);
    stat_tap_table_item_type *cells = own->elements[count];
    for (guint i = count; i > index; i--) {
        own->elements[i] = own->elements[i - 1];
    }
    own->elements[index] = cells;
    return cells;
}

void *table_row(table_t *table, const void *like)
{
    bool found;
    guint index = line_find(table, like, &found);
    if (!found) {
        line_t line = {.row = g_memdup2(like, table->statistic->row_size), .cells = cells_insert(table, index)};
        g_array_insert_val(table->lines, index, line);
    }
    return line_at(table, index)->row;
}

void table_show(table_t *table, const void *row)
{
    bool found;
    guint index = line_find(table, row, &found);
    for (guint i = 0; found && i < table->statistic->column_count; i++) {
        line_at(table, index)->cells[i] = cell_of(table, i, row);
    }
    wmem_free_all(scratch);
}

wmem_allocator_t *table_scratch(void)
{
    return scratch;
}

static void rows_drop(table_t *table)
{
    for (guint i = 0; i < table->lines->len; i++) {
        if (table->statistic->free_row != NULL) {
            table->statistic->free_row(line_at(table, i)->row);
        }
        g_free(line_at(table, i)->row);
    }
    g_array_set_size(table->lines, 0);
    if (table->once != NULL) {
        once_forget(table->once);
    }
    fields_reset(table);
}

/* }}} */

/* What Wireshark calls. {{{ */

static void table_empty(table_t *table)
{
    for (guint i = 0; i < table->lines->len; i++) {
        g_ptr_array_add(table->retired, line_at(table, i)->cells);
    }
    wireshark_table(table)->num_elements = 0;
    rows_drop(table);
}

/* If Wireshark has no table any more, no window shows one. */
static void table_init(stat_tap_table_ui *ui)
{
    table_t *table = (table_t *)ui;
    if (ui->tables != NULL && ui->tables->len > 0) {
        table_empty(table);
        return;
    }
    rows_drop(table);
    g_ptr_array_set_size(table->retired, 0);
    g_string_chunk_clear(table->strings);
    stat_tap_add_table(ui, stat_tap_init_table(table->statistic->title, (int)table->statistic->column_count, 0, NULL));
}

static void table_reset(stat_tap_table *own)
{
    for (guint i = 0; i < tables->len; i++) {
        table_t *table = (table_t *)g_ptr_array_index(tables, i);
        if (table->ui.tables != NULL && table->ui.tables->len > 0 && wireshark_table(table) == own) {
            table_empty(table);
        }
    }
}

static tap_packet_status table_packet(void *data, packet_info *pinfo _U_, epan_dissect_t *edt _U_, const void *tap,
                                      tap_flags_t flags _U_)
{
    table_t *table = (table_t *)((const stat_data_t *)data)->stat_tap_data;
    const tap_frame_t *frame = (const tap_frame_t *)tap;
    if (table->statistic->add_frame != NULL) {
        table->statistic->add_frame(table, frame);
    }
    if (table->statistic->add_connection != NULL) {
        once_meet(table->once, frame);
    }
    return TAP_PACKET_REDRAW;
}

static void table_add_connection(void *owner, const track_t *track)
{
    table_t *table = (table_t *)owner;
    table->statistic->add_connection(table, track);
}

static table_t *table_new(const statistic_t *statistic)
{
    if (tables == NULL) {
        tables = g_ptr_array_new();
        scratch = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK_FAST);
    }
    table_t *table = g_new0(table_t, 1);
    table->statistic = statistic;
    fields_make(table);
    table->lines = g_array_new(false, false, sizeof(line_t));
    table->retired = g_ptr_array_new_with_free_func(g_free);
    table->strings = g_string_chunk_new(4096);
    return table;
}

void table_register(const statistic_t *statistic)
{
    static tap_param parameters[] = {{PARAM_FILTER, "filter", "Filter", NULL, true}};
    table_t *table = table_new(statistic);
    table->once = once_new(table_add_connection, table);
    g_ptr_array_add(tables, table);
    table->ui.group = REGISTER_PACKET_STAT_GROUP_UNSORTED;
    table->ui.title = statistic->title;
    table->ui.tap_name = "tdsconn";
    table->ui.cli_string = g_strconcat("tdsconn,", statistic->name, NULL);
    table->ui.stat_tap_init_cb = table_init;
    table->ui.packet_func = table_packet;
    table->ui.stat_tap_reset_table_cb = table_reset;
    table->ui.nfields = statistic->column_count;
    table->ui.fields = table->fields;
    table->ui.nparams = G_N_ELEMENTS(parameters);
    table->ui.params = parameters;
    register_stat_tap_table_ui(&table->ui);
}

/* }}} */

/* Tables of our own. {{{ */

table_t *table_make(const statistic_t *statistic)
{
    table_t *table = table_new(statistic);
    table_init(&table->ui);
    return table;
}

void table_give_connection(table_t *table, const track_t *track)
{
    if (table->statistic->add_connection != NULL) {
        table->statistic->add_connection(table, track);
    }
}

void table_give_frame(table_t *table, const tap_frame_t *frame)
{
    if (table->statistic->add_frame != NULL) {
        table->statistic->add_frame(table, frame);
    }
}

/* No window shows its cells. */
void table_clear(table_t *table)
{
    table_empty(table);
    g_ptr_array_set_size(table->retired, 0);
    g_string_chunk_clear(table->strings);
}

guint table_count(const table_t *table)
{
    return table->lines->len;
}

const void *table_at(const table_t *table, guint index)
{
    return line_at(table, index)->row;
}

static const char *cell_words(const stat_tap_table_item_type *cell, char number[16])
{
    if (cell->type == TABLE_ITEM_STRING) {
        return cell->value.string_value;
    }
    (void)snprintf(number, 16, "%u", cell->value.uint_value);
    return number;
}

/* Blanks fill a cell, but not at the end of a line. */
static void write_cell(const table_t *table, GString *text, guint index, const char *words)
{
    bool left = is_left(&table->statistic->columns[index]);
    bool last = index + 1 == table->statistic->column_count;
    int width = last && left ? 0 : (int)table->widths[index];
    g_string_append_printf(text, "%*s%s", left ? -width : width, words, last ? "\n" : "  ");
}

static void table_write_row(const table_t *table, GString *text, const char *indent,
                            const stat_tap_table_item_type *cells)
{
    g_string_append(text, indent);
    for (guint i = 0; i < table->statistic->column_count; i++) {
        char number[16];
        write_cell(table, text, i, cells == NULL ? table->statistic->columns[i].title : cell_words(&cells[i], number));
    }
}

static gint rank_of_lines(gconstpointer a, gconstpointer b, gpointer statistic)
{
    const line_t *const *left = (const line_t *const *)a;
    const line_t *const *right = (const line_t *const *)b;
    return ((const statistic_t *)statistic)->rank((*left)->row, (*right)->row);
}

/* The lines in the order of a text. The caller frees the array. */
static GPtrArray *lines_by_rank(const table_t *table)
{
    GPtrArray *lines = g_ptr_array_sized_new(table->lines->len);
    for (guint i = 0; i < table->lines->len; i++) {
        g_ptr_array_add(lines, line_at(table, i));
    }
    if (table->statistic->rank != NULL) { /* GLib keeps the order of those with the same rank */
        g_ptr_array_sort_with_data(lines, rank_of_lines, (gpointer)table->statistic);
    }
    return lines;
}

void table_write(const table_t *table, GString *text, const char *indent, guint most)
{
    GPtrArray *lines = lines_by_rank(table);
    guint count = MIN(lines->len, most);
    if (count > 0) {
        table_write_row(table, text, indent, NULL);
    }
    for (guint i = 0; i < count; i++) {
        table_write_row(table, text, indent, ((const line_t *)g_ptr_array_index(lines, i))->cells);
    }
    if (count < lines->len) {
        g_string_append_printf(text, "%s... and %u more\n", indent, lines->len - count);
    }
    g_ptr_array_free(lines, TRUE);
}

/* }}} */
