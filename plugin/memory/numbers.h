/* numbers.h - the number of a frame in the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A read filter (`tshark -2 -R`) drops frames on the first pass, and Wireshark gives the number of a dropped frame to
 * the next one too. So on the first pass several frames may have one number, and later that belongs to the last of
 * them. What is remembered goes by the place in the file instead, which is the same number where nothing is dropped.
 */
#ifndef TDSCONN_NUMBERS_H
#define TDSCONN_NUMBERS_H

#include <epan/packet.h>

/* The place of this frame in the file, from 1. */
guint32 number_of(const packet_info *pinfo);

/* The number that Wireshark shows for the frame at this place; 0 if it was dropped, and for place 0. Asked when all
 * frames were read, or of a frame before the one at hand. */
guint32 number_shown(guint32 number);

/* Whether Wireshark keeps the frame that it shows by this number: tshark keeps none but the latest if it reads them
 * once, and none that its read filter dropped. */
bool number_is_kept(const packet_info *pinfo, guint32 shown);

#endif
