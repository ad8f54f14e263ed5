#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Looks at the sources with one of Debian's tools: lint.sh format|spelling|cppcheck|tidy [BUILD-FOLDER]
#
# Exit code 77 = the tool is not there; ctest then says "skipped".
set -euo pipefail

cd "$(dirname "$(realpath "$0")")/.."
build=${2:-build/dev}

need() { # COMMAND PACKAGE
    if ! command -v "$1" >/dev/null; then
        echo "skipped: $1 is not there; on Debian: apt-get install $2"
        exit 77
    fi
}

case ${1:-} in
format)
    need clang-format-14 clang-format-14
    clang-format-14 --dry-run -Werror {plugin,plugin/core,plugin/stats,tests/unit,tests/fuzz}/*.[ch]
    ;;
spelling)
    need codespell codespell
    # "keep-alives" is TCP's word; "froms" is a name in a test; "to and fro".
    codespell --ignore-words-list=keep-alives,froms,fro,encrypte --skip='*/corpus/*,*/expected/*,*.pyc' \
        plugin profile tests docs dev ./*.md captures/README.md
    ;;
cppcheck)
    need cppcheck cppcheck
    # It does not see that a loop over a whole array begins it.
    cppcheck --quiet --error-exitcode=1 --std=c11 -j "$(nproc)" --enable=warning,performance,portability \
        --suppress=missingInclude --suppress=uninitvar:tests/unit/mars_property_test.c \
        -I plugin/core plugin tests/unit tests/fuzz
    ;;
tidy)
    need clang-tidy-14 clang-tidy-14
    printf '%s\n' plugin/*.c plugin/core/*.c plugin/stats/*.c |
        xargs -P "$(nproc)" -n 3 clang-tidy-14 --quiet -p "$build" 2>/dev/null
    ;;
*)
    echo "lint.sh format|spelling|cppcheck|tidy [BUILD-FOLDER]" >&2
    exit 2
    ;;
esac
