/* capture.c - everything that is remembered of one capture file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "memory/capture.h"

#include <string.h>

#include "memory/browser.h"
#include "memory/links.h"
#include "memory/procedures.h"
#include "memory/resolver.h"
#include "memory/sought.h"
#include "memory/tickets.h"

capture_t capture;

void capture_begin(void)
{
    memset(&capture, 0, sizeof capture);
    track_begin_file();
    links_begin_file();
    tickets_begin_file();
    resolver_begin_file();
    sought_begin_file();
    browser_begin_file();
    procedures_begin_file();
}
