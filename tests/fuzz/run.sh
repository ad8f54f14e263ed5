#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzzes the core under AddressSanitizer and UndefinedBehaviorSanitizer: run.sh MINUTES [TARGET...]
#
# Every target, or those named, one after the other, each for so long. Ends at the first fault and prints it; its input
# stays in build/fuzz, and TARGET.log there has all that libFuzzer said. Of what is found, the smallest inputs that reach
# code which the kept ones do not are kept too.
# SEEDS=FOLDER adds inputs that seeds.py wrote.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
build=$here/../../build/fuzz/tests/fuzz
minutes=$1
shift
(($# > 0)) || set -- $(sed -n '/set(fuzz_targets/,/)/{s/^\t//p}' "$here/CMakeLists.txt")

cd "$here/../.."
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz --target "${@/%/_fuzz}" >/dev/null

for target; do
    corpus=$here/corpus/$target
    found=$build/found/$target
    rm -rf "$found"
    mkdir -p "$corpus" "$found"
    fuzz=("$build/${target}_fuzz" -verbosity=1 -max_len=4096 -timeout=60 -artifact_prefix="$build/$target-")
    more=(${SEEDS:+$(find "$SEEDS" -path "*/$target")})
    log=$build/$target.log
    if ! "${fuzz[@]}" -max_total_time=$((minutes * 60)) "$found" "$corpus" "${more[@]}" >"$log" 2>&1; then
        echo "$target: a fault"
        grep -vE '^#[0-9]+\s+(INITED|NEW|REDUCE|RELOAD|pulse)' "$log"
        exit 1
    fi
    grep '^Done ' "$log"
    # By edges, not by how often each is taken: that keeps a tenth, and every place in the code all the same.
    "${fuzz[@]}" -merge=1 -use_counters=0 "$corpus" "$found" "${more[@]}" 2>&1 | grep -E 'MERGE-OUTER: [0-9]+ new'
    echo "$target: $(find "$corpus" -type f | wc -l) inputs, $(cat "$corpus"/* | wc -c) bytes"
done
