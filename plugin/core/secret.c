/* secret.c - whether a SQL text may hold a password.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "secret.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of other letters than ASCII's are letters. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static const char *skip_between(const char *text)
{
    while (*text != '\0' && !is_letter(*text)) {
        text++;
    }
    return text;
}

/* Whether a word stands at the beginning of a text. */
static bool stands_here(const char *text, const char *word)
{
    for (; *word != '\0'; word++) {
        if (*word == ' ') {
            text = skip_between(text);
        } else if (*word == '|' ? is_letter(*text) : *word != *text) {
            return false;
        } else {
            text += *word != '|';
        }
    }
    return true;
}

static bool stands_in(const char *text, const char *word)
{
    for (; *text != '\0'; text++) {
        if (*text == *word && stands_here(text, word)) {
            return true;
        }
    }
    return false;
}

const char *secret_hint(const char *text)
{
    static const char *const words[] = {
#define SECRET(word) word,
#include "secrets.def"
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (stands_in(text, words[i])) {
            return words[i];
        }
    }
    return NULL;
}
