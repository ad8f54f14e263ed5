/* kerberos.c - Kerberos's error codes, by name and by what they mean for a login.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "kerberos.h"

#include <stddef.h>

#include "values.h"

const char *kerberos_error_name(uint32_t error)
{
    static const named_t names[] = {
#define KERBEROS(number, name, meaning) {number, name},
#include "kerberos.def"
        {0, NULL}};
    const char *name = name_in(names, error);
    return name != NULL ? name : "KRB-ERROR";
}

const char *kerberos_error_meaning(uint32_t error)
{
    static const named_t meanings[] = {
#define KERBEROS(number, name, meaning) {number, meaning},
#include "kerberos.def"
        {0, NULL}};
    const char *meaning = name_in(meanings, error);
    return meaning != NULL && meaning[0] != '\0' ? meaning : NULL;
}

const char *kerberos_error_meaning_of_kdc(uint32_t error)
{
    enum { BAD_INTEGRITY = 31, MODIFIED = 41 };
    return error == BAD_INTEGRITY || error == MODIFIED
               ? "the KDC cannot read the client's TGT, as where a trust's password differs"
               : kerberos_error_meaning(error);
}
