/* statistics.h - all statistics: the tables by their descriptions, the tree and the response times.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TDSCONN_STATISTICS_H
#define TDSCONN_STATISTICS_H

#include "stats/table.h"

extern const statistic_t statistic_connections, statistic_details, statistic_times;
extern const statistic_t statistic_failures, statistic_servers, statistic_clients, statistic_steps;
extern const statistic_t statistic_diagnoses, statistic_sessions;

/* Called once, at registration of the protocol. */
void statistics_register(int proto);

/* The parts that are no table. Called by statistics_register. */
void response_times_register(int proto);
void tree_register(void);
void rows_register(void);

/* The file is closed, and its connections with it. This is the plugin's only cleanup routine for Wireshark. */
void statistics_end_file(void);

/* The same for the rows: those that are left are written. */
void rows_end_file(void);

#endif
