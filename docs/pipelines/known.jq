# From the rows of a capture: how many connections there are, and of how many this and that is known.
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     jq -rs --arg name NAME -f docs/pipelines/known.jq

def count(condition): map(select(condition)) | length;

[$name,
 length,
 count(.state | IN("Logged in", "Login failed", "Redirected")),
 count(.auth != "Unknown"),
 count(.login_user // .ntlm_user),
 count(.login_app),
 count(.server_version),
 count(.tls_version),
 count(.tls_certificate),
 count(.summary | test(", error [0-9]+")),
 count(.time_total),
 count(.kerberos_spn),
 count(.instance),
 count(.routing_stream)]
| @tsv
