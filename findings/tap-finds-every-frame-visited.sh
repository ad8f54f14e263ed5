#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# tshark 4.0.17 (Debian 12: 4.0.17-0+deb12u3), without tdsconn, on a login of SQL Server in 17 frames.
#
# Guess:     `pinfo.visited` (in C: PINFO_FD_VISITED) tells a tap what it tells a dissector: in one pass no frame was
#            visited before, with -2 each frame that the tap gets was.
# Behaviour: a tap finds every frame visited, in one pass, too: Wireshark sets the mark when the dissectors are done,
#            before the taps are called. A tap cannot tell by it whether more of the capture is still to come.
# So:        tdsconn notes the mark while it dissects, and hands it to its taps: without it, a row of -z tdsconn,rows
#            that is written early said of an open connection that it was "open at the end of the capture".
# shellcheck source=findings/fetch
source "$(dirname "$(realpath "$0")")/fetch"
fetch "${wireshark[@]}"
capture=$captures/real/ft-sql-noenc.pcapng

cat > visited.lua <<'LUA'
local count = {dissector = 0, tap = 0}
local function see(who, pinfo)
    count[who] = count[who] + (pinfo.visited and 1 or 0)
end

local post = Proto("seen", "Sees every frame")
function post.dissector(_, pinfo)
    see("dissector", pinfo)
end
register_postdissector(post)

local tap = Listener.new("frame")
function tap.packet(pinfo)
    see("tap", pinfo)
end
function tap.draw()
    print(("visited before: %d for the dissector, %d for the tap"):format(count.dissector, count.tap))
end
LUA

seen=$(for pass in "" -2; do
    echo "${pass:-one pass}: $(tshark -q -r "$capture" -X lua_script:visited.lua ${pass:+"$pass"})"
done)
is_seen "$seen" <<'SEEN'
one pass: visited before: 0 for the dissector, 17 for the tap
-2: visited before: 17 for the dissector, 17 for the tap
SEEN
