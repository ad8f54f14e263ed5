# SPDX-License-Identifier: GPL-2.0-or-later
# Makes GLib's glibconfig.h of 64-bit Linux that of 64-bit Windows, where a long has 32 bits. What the plugin does not
# use may be Linux' still.
s/^typedef (un)?signed long (g[a-z0-9]+);/typedef \1signed long long \2;/
s/(##U?L)\)/\1L)/
/^#define G_G(INT64|SIZE|SSIZE|INTPTR|UINT64|UINTPTR)_(MODIFIER|FORMAT)/s/"l/"ll/
s/^(#define GLIB_SIZEOF_LONG +)8/\14/
s/G_MAXULONG$/G_MAXUINT64/
s/G_MINLONG$/G_MININT64/
s/G_MAXLONG$/G_MAXINT64/
/^#define G(POINTER_TO|INT_TO|UINT_TO)/s/\((g|gu)long\)/(\1intptr)/
s/^(#define GU?LONG_TO_.*)INT64/\1INT32/
s/^#define G_OS_UNIX/#define G_OS_WIN32\n#define G_PLATFORM_WIN32/
s/G_THREADS_IMPL_POSIX/G_THREADS_IMPL_WIN32/
s/^#define GLIB_HAVE_ALLOCA_H//
s/^#define GLIB_USING_SYSTEM_PRINTF//
s/^(#define G_HAVE_GNUC_VISIBILITY).*//
s/^typedef int GPid;/typedef void *GPid;/
s/^(#define G_PID_FORMAT ).*/\1"p"/
s/"so"/"dll"/
s/^(#define GLIB_SYSDEF_AF_INET6 ).*/\123/
s|'/'|'\\\\'|
s|"/"|"\\\\"|
s|':'|';'|
s|":"|";"|
