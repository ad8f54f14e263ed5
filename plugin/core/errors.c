/* errors.c - what SQL Server's error numbers mean.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "errors.h"

#include <stddef.h>
#include <string.h>

#include "values.h"

/* Errors that end a login, in the order of their numbers, as sys.messages has them, and Azure. */
static const named_t error_meanings[] = {
    {615, "the database is not there, or not yet"},
    {904, "the database does not start while the server starts or stops"},
    {916, "the login has no access to the database"},
    {921, "the database is not recovered yet"},
    {922, "the database is being recovered"},
    {923, "the database is in restricted mode"},
    {924, "the database is in single-user mode, and somebody is in it"},
    {926, "the database is marked suspect"},
    {927, "the database is being restored"},
    {942, "the database is offline"},
    {943, "the database is of a later version than the server"},
    {945, "the database lacks files, memory or disk space"},
    {946, "the database is of an earlier version than the server"},
    {948, "the database is of a later version than the server"},
    {952, "the database is on its way to another state"},
    {954, "the database is a mirror"},
    {955, "the mirrored database has no quorum"},
    {956, "the mirrored database is not synchronized with its partner yet"},
    {976, "the database is of a secondary replica that nobody may read, or its data movement is suspended"},
    {978, "the replica takes only logins with read-only intent"},
    {979, "the replica takes no logins with read-only intent"},
    {982, "no secondary replica that is online may be read"},
    {983, "the replica is neither primary nor secondary now"},
    {988, "the database has no quorum of replicas"},
    {4060, "the database cannot be opened"},
    {4064, "the user's default database cannot be opened"},
    {4221, "the secondary replica waits for transactions that are older than it"},
    {10928, "Azure: the limit of workers or sessions of the database is reached"},
    {10929, "Azure: the server is too busy for more than the database's guaranteed share"},
    {10936, "Azure: the limit of workers or sessions of the elastic pool is reached"},
    {17142, "the service is paused"},
    {17187, "the server is not ready yet"},
    {17188, "the server is shutting down"},
    {17189, "the server could not spawn a thread"},
    {17191, "the session was ended, by KILL or a severe error"},
    {17194, "the server could not load its TLS library"},
    {17197, "the login timed out on the server, which is under load"},
    {17198, "the endpoint is gone"},
    {17300, "the server has no memory for a session, or its maximum of sessions"},
    {17802, "the server does not know the client's TDS version"},
    {17803, "the server has no memory for the connection"},
    {17805, "LOGIN7 has a user type of Sybase's clients"},
    {17806, "SSPI failed on the server"},
    {17807, "the server does not know an event of the client"},
    {17809, "the server has its maximum of connections"},
    {17810, "the dedicated administrator connection is in use"},
    {17813, "the service is stopped or disabled"},
    {17827, "the password could not be encrypted"},
    {17828, "PRELOGIN was malformed"},
    {17829, "a network error while the login ran"},
    {17830, "a network error or a timeout while the login ran"},
    {17832, "LOGIN7 was malformed"},
    {17835, "the server requires encryption and the client cannot"},
    {17836, "the length of LOGIN7 or of its packet is wrong"},
    {17886, "the client sent a request while its session was reset"},
    {17892, "a logon trigger refused"},
    {18401, "the server is upgrading its databases"},
    {18450, "no Windows login of this name"},
    {18451, "only administrators may connect now"},
    {18452, "the domain refused the credentials, or it is not trusted, or a password where the server takes none"},
    {18456, "login failed"},
    {18458, "the server has as many users as licences"},
    {18459, "the limit of licensed workstations is reached"},
    {18460, "the server has as many users as licences"},
    {18461, "the server is in single-user mode"},
    {18462, "the password may not be changed so soon"},
    {18463, "the new password may not be used at this time"},
    {18464, "the new password is too short for the policy"},
    {18465, "the new password is too long for the policy"},
    {18466, "the new password is not complex enough for the policy"},
    {18467, "the password filter does not take the new password"},
    {18468, "the new password could not be checked"},
    {18470, "the account is disabled"},
    {18471, "the login may not change its password"},
    {18486, "the account is locked out"},
    {18487, "the password has expired"},
    {18488, "the password must be changed"},
    {40143, "Azure: an error while the service handled the request"},
    {40197, "Azure: an error while the service handled the request"},
    {40501, "Azure: the service is busy"},
    {40531, "Azure: the login does not name its server"},
    {40532, "Azure: no server of this name, or the user does not name it"},
    {40540, "Azure: an error while the service handled the request"},
    {40607, "Azure: it takes no Windows logins"},
    {40613, "Azure: the database is not available now"},
    {40615, "Azure: the firewall does not allow this address"},
    {40635, "Azure: the client's address is blocked for a time"},
    {40642, "Azure: the server is too busy now"},
    {40671, "Azure: the gateway could not ask the management service"},
    {40675, "Azure: the service is too busy now"},
    {40852, "Azure: the database takes only connections by a security-enabled connection string"},
    {40914, "Azure: no rule of the virtual network allows this address"},
    {42101, "Azure: public network access is denied"},
    {42108, "Azure: the dedicated pool is paused"},
    {42109, "Azure: the SQL pool is warming up"},
    {42119, "Azure: the free amount of the month is used up"},
    {47072, "Azure: the client's TLS is older than the server's minimum"},
    {47073, "Azure: public network access is denied"},
    {49918, "Azure: not enough resources"},
    {49919, "Azure: too many databases are created or changed at once"},
    {49920, "Azure: too many operations at once"},
    {0, NULL},
};

const char *error_meaning(uint32_t number)
{
    return name_in(error_meanings, number);
}

/* Errors of commands that say something of the server or of the session, in the order of their numbers. */
static const named_t command_error_meanings[] = {
    {596, "the session was ended, by KILL or a severe error"},
    {601, "the data moved while it was read"},
    {701, "the server has no memory for the query"},
    {802, "the buffer pool has no memory"},
    {823, "the operating system failed to read or write a file of the database"},
    {824, "a page of the database is damaged"},
    {911, "no database of this name"},
    {1105, "the file group is full"},
    {1204, "the server has no more locks"},
    {1205, "a deadlock: this transaction was chosen to end"},
    {1222, "the time for waiting on a lock was up"},
    {3906, "the database is read-only"},
    {3908, "the database is damaged, or in emergency mode"},
    {3960, "a conflict of updates under snapshot isolation"},
    {3980, "the batch was aborted, or another request runs in the session"},
    {3989, "the request does not bring its transaction"},
    {3997, "a batch of MARS left its transaction open, which is rolled back"},
    {3998, "a transaction that cannot be committed is rolled back"},
    {4002, "the client's TDS is not correct"},
    {4014, "the server could not read the client's bytes"},
    {4021, "the session could not be reset for the pool, as it would be another than at the login"},
    {4022, "the client sent no data for its bulk load"},
    {4815, "the bulk load has a column that is longer than it may be"},
    {7202, "there is no linked server of this name"},
    {7303, "the connection to a linked server could not be opened"},
    {7391, "a linked server could not begin a distributed transaction"},
    {7399, "the provider of a linked server reported an error"},
    {7416, "the user has no login at the linked server"},
    {8501, "MSDTC is not available"},
    {8525, "the distributed transaction has ended"},
    {8623, "the query is too complex for the optimizer"},
    {8645, "the time for waiting on memory was up"},
    {8651, "the memory that the query asks for is not available"},
    {9001, "the transaction log is not available"},
    {9002, "the transaction log is full"},
    {15404, "the server could not ask about a Windows user or group, as where no domain controller answers"},
    {18056, "the session could not be reset for the pool"},
    {18452, "another server, as a linked one, does not trust the login"},
    {18456, "another server, as a linked one, refused the login"},
    {35250, "the secondary replica has no connection to the primary"},
    {40544, "Azure: the database has reached its size"},
    {40549, "Azure: the transaction ran too long"},
    {40550, "Azure: the session has too many locks"},
    {40551, "Azure: the session took too much of tempdb"},
    {40552, "Azure: the session took too much of the transaction log"},
    {40553, "Azure: the session took too much memory"},
    {0, NULL},
};

/* Messages that announce the end of the server, in the order of their numbers. They are of class 10 in sys.messages, so
 * that they come as INFO; some versions, and RAISERROR, send them as ERROR. */
static const named_t ending_meanings[] = {
    {6001, "the server shuts down and waits for commands to end"},
    {6002, "the server is shutting down"},
    {6005, "the server is shutting down"},
    {6006, "somebody shut the server down"},
    {17142, "the service is paused"},
    {17147, "the server ends, as its host shuts down"},
    {17148, "the server ends, as its service is stopped"},
    {0, NULL},
};

const char *error_of_ending(uint32_t number)
{
    return name_in(ending_meanings, number);
}

const char *error_explained(uint32_t number)
{
    const char *meanings[] = {error_meaning(number), name_in(command_error_meanings, number), error_of_ending(number)};
    const char *meaning = NULL;
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0] && meaning == NULL; i++) {
        meaning = meanings[i];
    }
    return meaning;
}

const char *error_of_command(uint32_t number)
{
    const char *meaning = name_in(command_error_meanings, number);
    return meaning != NULL ? meaning : error_explained(number);
}

/* The states of error 18456, in their order, as Microsoft's page of that error and its protocols team explain them. */
static const named_t failure_states[] = {
    {2, "there is no such user"},
    {5, "there is no such user"},
    {6, "a Windows name in a SQL login"},
    {7, "the login is disabled, and the password is wrong"},
    {8, "the password is wrong"},
    {9, "the password is not valid"},
    {11, "the login has no access to the server"},
    {12, "the login has no access to the server"},
    {13, "the service is paused"},
    {16, "the login has no access to the database, or there is none"},
    {18, "the password must be changed"},
    {23, "the server is shutting down"},
    {27, "the first database could not be determined"},
    {38, "the database of the login could not be opened"},
    {40, "the user's default database could not be opened"},
    {58, "the server takes Windows logins only"},
    {0, NULL},
};

const char *error_of_failure_state(uint8_t state)
{
    return name_in(failure_states, state);
}

/* What begins the words of SQL Server's network library. The server hands them on where it is the client of another
 * server, with Windows' number of the error, which as a number of the server's own would mean something else. */
static const char *const libraries[] = {
    "TCP Provider: ", "Named Pipes Provider: ", "SSL Provider: ", "SQL Server Network Interfaces: "};

/* Errors of Windows, and those of the library, in their order. */
static const named_t library_errors[] = {
    {2, "another server's named pipe was not found, as a linked one's"},
    {53, "another server was not found or not reached, as a linked one"},
    {64, "the connection to another server is gone, as to a linked one"},
    {121, "another server did not answer in time, as a linked one"},
    {233, "another server closed the connection, as a linked one"},
    {258, "another server did not answer in time, as a linked one"},
    {10054, "another server reset the connection, as a linked one"},
    {10060, "another server did not answer the connection attempt, as a linked one"},
    {10061, "another server refused the connection attempt, as a linked one"},
    {11001, "the name of another server has no address, as a linked one's"},
    {0, NULL},
};

/* Whether a text in UTF-16LE begins with these words. */
static bool begins_with(span_t text, const char *words)
{
    size_t length = strlen(words);
    bool same = text.length >= 2 * length;
    for (size_t i = 0; same && i < length; i++) {
        same = text.at[2 * i] == (uint8_t)words[i] && text.at[2 * i + 1] == 0;
    }
    return same;
}

const char *error_of_library(uint32_t number, span_t text)
{
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        if (begins_with(text, libraries[i])) {
            const char *meaning = name_in(library_errors, number);
            return meaning != NULL ? meaning : "the connection to another server failed, as to a linked one";
        }
    }
    return NULL;
}

/* As drivers try again on them, and what passes when a server starts or stops, a database recovers or fails over, or a
 * limit is reached. In the order of their numbers. */
static const uint32_t transient_errors[] = {
    615,   904,   921,   922,   926,   927,   942,   952,   955,   956,   976,   978,   982,   983,   988,
    4060,  4221,  10928, 10929, 10936, 17142, 17187, 17188, 17189, 17197, 17300, 17803, 17809, 17829, 17830,
    18401, 18451, 18461, 40143, 40197, 40501, 40540, 40613, 42108, 42109, 49918, 49919, 49920,
};

bool error_is_transient(uint32_t number)
{
    for (size_t i = 0; i < sizeof transient_errors / sizeof transient_errors[0]; i++) {
        if (transient_errors[i] == number) {
            return true;
        }
    }
    return false;
}
