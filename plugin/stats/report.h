/* report.h - the report: one text about the whole capture, the worst first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * It is made of tables: those of Statistics, and some of its own that group their rows. So the numbers are the same.
 */
#ifndef TDSCONN_REPORT_H
#define TDSCONN_REPORT_H

#include "memory/findings.h"
#include "stats/table.h"

/* A row of statistic_diagnoses: a rule that was raised. */
typedef struct {
    diagnosis_t rule;
    const char *name, *severity, *meaning; /* static */
    guint32 count, connections, frame;
    gint64 latest;         /* the number of the connection that was counted last */
    char first[RULE_TEXT]; /* the finding's text in `frame`; "" if only the rule is known */
} rule_row_t;

/* Tables that only the report has. A row for each cause of failures; each connection with a slow login; each way in
 * which connections were reset; each server's certificate; each way to authenticate, by SPN. */
extern const statistic_t report_causes, report_slow, report_resets, report_certificates, report_auth;

/* Registers it with Wireshark: tshark -z tdsconn,report, and Statistics > SQL Server Report. Called at registration. */
void report_register(void);

#endif
