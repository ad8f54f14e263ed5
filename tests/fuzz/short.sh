#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds the preset fuzz and fuzzes every target for a few seconds, for `ctest --preset dev`.
#
# Ends with 77, which ctest calls skipped, where clang cannot build a fuzz target.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/../.."

if ! echo 'int LLVMFuzzerTestOneInput(const char *data, unsigned long size) { return data == 0 && size == 1; }' |
    clang -x c -fsanitize=fuzzer,address,undefined -o /dev/null -; then
    echo "skipped: this needs clang and its sanitizers, on Debian the packages clang and libclang-rt-dev"
    exit 77
fi
cmake --preset fuzz
cmake --build --preset fuzz --target fuzz_targets
ctest --preset fuzz --tests-regex '\.short$'
