/* statistics.c - all statistics.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "stats/statistics.h"

#include "stats/once.h"
#include "stats/report.h"

void statistics_register(int proto)
{
    static const statistic_t *const all[] = {
        &statistic_connections, &statistic_details, &statistic_times,     &statistic_failures, &statistic_servers,
        &statistic_clients,     &statistic_steps,   &statistic_diagnoses, &statistic_sessions,
    };
    once_register();
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        table_register(all[i]);
    }
    report_register();
    response_times_register(proto);
    tree_register();
    rows_register();
}

void statistics_end_file(void)
{
    rows_end_file();
    once_end_file();
}
