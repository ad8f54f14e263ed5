# From the rows of several captures: each connection once, by its beginning.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     jq -cs -f docs/pipelines/merge.jq
#
# Of two rows of the same connection that one stays which sees more of it, and then the one that knows more. A failure is
# no knowledge: where nothing but the SYN of a connection is seen, it seems to have failed.
def known: with_entries(select(.key | startswith("failure") | not)) | length;
group_by([.start, .client, .server]) | map(max_by([.end, known])) | .[]
