/* numbers.h - the number of a frame in the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A read filter (`tshark -2 -R`) drops frames on the first pass, and Wireshark gives the number of a dropped frame to
 * the next frame, too. So on the first pass several frames may have the same number; later it belongs to the last of
 * them. The plugin remembers frames by their place in the file instead. If nothing is dropped, that is the number.
 */
#ifndef TDSCONN_NUMBERS_H
#define TDSCONN_NUMBERS_H

#include <epan/packet.h>

/* The place of the frame at hand in the file, from 1. */
guint32 number_of(const packet_info *pinfo);

/* The number that Wireshark shows for the frame at this place; 0 if it was dropped, and for place 0. Asked after all
 * frames were read, or for a frame before the one at hand. */
guint32 number_shown(guint32 number);

/* Whether Wireshark keeps the frame that it shows by this number. If tshark reads the file once, it keeps only the
 * latest frame. Frames that a read filter dropped are not kept. True where nobody can tell: if a frame of the capture
 * has no time stamp. */
bool number_is_kept(const packet_info *pinfo, guint32 shown);

#endif
