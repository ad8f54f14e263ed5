/* progress.c - tdsconn.progress: the login as short codes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/progress.h"

#include <stdio.h>
#include <string.h>

#include "core/characters.h"
#include "memory/keep.h"

#define PROGRESS_LIMIT 240 /* bytes of the text */

/* A byte for each message, and two more for the session of SMP. */
enum { BY_SERVER = 0x80, STOPPED = 0xFF };

static void add_byte(progress_t *progress, guint8 byte)
{
    const guint16 step = 8;
    if (progress->count == progress->room) {
        guint16 room = (guint16)(progress->room + step);
        progress->codes = (guint8 *)keep_larger(progress->codes, progress->room, room);
        progress->room = room;
    }
    progress->codes[progress->count++] = byte;
}

/* Whether there is room for one more. If not, that is noted. */
static bool has_room(progress_t *progress)
{
    if (!progress->full && (progress->answered || progress->length > PROGRESS_LIMIT)) {
        progress->full = true;
        add_byte(progress, STOPPED);
    }
    return !progress->full;
}

/* The code of a message in the text, as in "<LA" or ">MD1", with the blank before it. */
static void append_code(wmem_strbuf_t *text, const guint8 *code)
{
    const message_t message = (message_t)(*code & ~BY_SERVER);
    if (wmem_strbuf_get_len(text) > 0) {
        wmem_strbuf_append_c(text, ' ');
    }
    wmem_strbuf_append_c(text, (*code & BY_SERVER) != 0 ? '<' : '>');
    wmem_strbuf_append(text, message_row(message)->code);
    if (message_kind(message) == KIND_SMP) {
        wmem_strbuf_append_printf(text, "%u", code[1] << 8 | code[2]);
    }
}

static void add_message(progress_t *progress, sender_t sender, message_t message, gsize digits)
{
    add_byte(progress, (guint8)((guint)message | (sender == SENDER_SERVER ? BY_SERVER : 0u)));
    progress->length =
        (guint16)(progress->length + (progress->length > 0) + 1 + strlen(message_row(message)->code) + digits);
}

void progress_add(track_t *track, sender_t sender, message_t message)
{
    if (message_row(message)->code[0] != '\0' && has_room(&track->progress)) {
        add_message(&track->progress, sender, message, 0);
    }
}

void progress_add_smp(track_t *track, sender_t sender, message_t message, guint16 sid)
{
    char digits[8];
    if (has_room(&track->progress)) {
        add_message(&track->progress, sender, message, (gsize)snprintf(digits, sizeof digits, "%u", sid));
        add_byte(&track->progress, (guint8)(sid >> 8));
        add_byte(&track->progress, (guint8)sid);
    }
}

void progress_forget(track_t *track)
{
    track->progress.count = 0;
    track->progress.length = 0;
}

char *progress_text(const track_t *track, wmem_allocator_t *scope)
{
    const progress_t *progress = &track->progress;
    wmem_strbuf_t *text = wmem_strbuf_new(scope, "");
    for (guint i = 0; i < progress->count; i++) {
        if (progress->codes[i] == STOPPED) {
            wmem_strbuf_append(text, " " ELLIPSIS);
            continue;
        }
        append_code(text, progress->codes + i);
        i += message_kind((message_t)(progress->codes[i] & ~BY_SERVER)) == KIND_SMP ? 2 : 0;
    }
    return wmem_strbuf_finalize(text);
}
