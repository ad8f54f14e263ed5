/* start.c - what a compiler's own runtime would bring into tdsconn.dll: so little that the DLL has none, and imports
 * only what Windows and Wireshark have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

int DllMainCRTStartup(void *module, unsigned reason, void *reserved);

/* Windows calls it as it loads the DLL. There is nothing to prepare; 1: it may be used. */
int DllMainCRTStartup(void *module, unsigned reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return 1;
}

/* C99's, by the function that Windows' header calls in its place. */
int vsnprintf(char *text, size_t room, const char *format, va_list arguments)
{
    enum { AS_C99 = 2 };
    return __stdio_common_vsprintf(AS_C99, text, room, format, NULL, arguments);
}

int snprintf(char *text, size_t room, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, room, format, arguments);
    va_end(arguments);
    return length;
}
