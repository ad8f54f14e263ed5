# SPDX-License-Identifier: GPL-2.0-or-later
"""How many bytes tshark asks for: the same in every run, whatever else the machine does. What measure.py tells is what
the system gave, which is less where it swaps."""

import subprocess
from functools import lru_cache

import wireshark
from measure import BARE

# Stands before the C library's functions. With Wireshark's simplest allocator, all that it allocates comes from them.
COUNTER = """
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
void __libc_free(void *);

static long held, most;

static void *hold(void *memory)
{
    held += (long)malloc_usable_size(memory);
    most = held > most ? held : most;
    return memory;
}

void *malloc(size_t size) { return hold(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return hold(__libc_calloc(count, size)); }
void free(void *memory) { held -= (long)malloc_usable_size(memory); __libc_free(memory); }

void *realloc(void *memory, size_t size)
{
    held -= (long)malloc_usable_size(memory);
    return hold(__libc_realloc(memory, size));
}

__attribute__((destructor)) static void tell(void) { fprintf(stderr, "held: %ld\\n", most); }
"""


@lru_cache
def counter():
    path = wireshark.scratch("counter") / "counter.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-x", "c", "-", "-o", path], input=COUNTER, text=True, check=True)
    return str(wireshark.give(path))


def most(variant, path):
    """The most bytes that tshark holds at any time."""
    env = {"LD_PRELOAD": counter(), "WIRESHARK_DEBUG_WMEM_OVERRIDE": "simple"}
    done = wireshark.run("tshark", "-n", "-r", path, bare=variant == BARE, env=env)
    assert done.returncode == 0, done.stderr
    return int(done.stderr.rpartition("held: ")[2])
