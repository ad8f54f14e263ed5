# From `tshark -G fields` and `tshark -G values`: for each field its type, and the texts of its numbers.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     (tshark -G fields; tshark -G values) | grep 'tdsconn\.' | jq -Rn -f docs/pipelines/schema.jq
# On Windows tshark ends a line with CR LF.
reduce (inputs | rtrimstr("\r") / "\t") as $line ({};
    if $line[0] == "F" then .[$line[2]].type = $line[3]
    elif $line[0] == "V" then .[$line[1]].texts[$line[2]] = $line[3]
    else . end)
