/* mars_fuzz.c - for smp_header_parse, smp_header_sound, smp_header_plausible, mars_see, mars_gap, mars_doubt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An input is a conversation: one byte that says who sends (SERVER), whether packets were lost before (GAP) or could
 * not be read (DOUBT), and whether the capture has all from the login on (COMPLETE), then the 16 bytes of a header; and
 * so on.
 */
#include "fuzz.h"
#include "mars.h"

enum { SERVER = 0x01, COMPLETE = 0x02, DOUBT = 0x40, GAP = 0x80 };
#define SESSIONS 4

static bool has_row(session_state_t before, sender_t by, uint8_t flag, session_state_t after)
{
    session_state_t from, to;
    sender_t sender;
    uint8_t flags;
    for (unsigned i = 0; mars_move_row(i, &from, &sender, &flags, &to); i++) {
        if (from == before && sender == by && flags == flag && to == after) {
            return true;
        }
    }
    return false;
}

static void claim_sound(mars_outcome_t outcome, sender_t sender, const smp_header_t *header)
{
    CLAIM(outcome.violation >= MARS_SOUND && outcome.violation <= MARS_WINDOW_EXCEEDED);
    CLAIM(outcome.after == outcome.before || has_row(outcome.before, sender, header->flags, outcome.after));
    CLAIM((outcome.violation == MARS_BAD_FLAGS) == !smp_header_sound(header));
    CLAIM(!(outcome.violation == MARS_BAD_FLAGS || outcome.violation == MARS_SYN_FROM_SERVER) ||
          outcome.after == outcome.before);
    CLAIM(outcome.credit <= INT32_MAX);
    CLAIM(mars_role_state(outcome.after, sender) != NULL);
    CLAIM(!mars_is_untouched(outcome.after) || mars_is_open(outcome.after));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mars_session_t sessions[SESSIONS];
    for (size_t i = 0; i < SESSIONS; i++) {
        mars_session_init(&sessions[i]);
    }
    reader_t r = reader_of(span_of(data, size));
    while (r.left > SMP_HEADER_LENGTH) {
        uint8_t how = read_u8(&r);
        sender_t sender = how & SERVER ? SENDER_SERVER : SENDER_CLIENT;
        smp_header_t header;
        span_t bytes = read_span(&r, SMP_HEADER_LENGTH);
        bool is_one = smp_header_parse(bytes, &header);
        CLAIM(is_one || !smp_header_plausible(bytes));
        mars_session_t *session = &sessions[header.sid % SESSIONS];
        if (how & GAP) {
            mars_gap(session, sender);
        }
        if (how & DOUBT) {
            mars_doubt(session, sender);
        }
        claim_sound(mars_see(session, sender, &header, how & COMPLETE), sender, &header);
    }
    return 0;
}
