#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Looks at the sources with one of Debian's tools, or with Wireshark's own:
# lint.sh format|spelling|cppcheck|tidy|wireshark|workflows [BUILD-FOLDER]
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

# What Wireshark asks of its own sources, in a folder that the scripts take for Wireshark's. Not check_tfs.py: a plugin
# cannot use the library's own texts.
wireshark_checks() {
    local files bad=0
    tree=$(mktemp -d)
    trap 'rm -rf "$tree"' EXIT
    mkdir -p "$tree/epan/dissectors"
    cp -r plugin "$tree/epan/dissectors/tdsconn"
    cd "$tree"
    # checkhf.pl reads no macros: it is shown what FACT() makes.
    sed -i -z 's/\\\n//g; s/(enum ftenum)FACT_FT_##type/FT_STRING/' epan/dissectors/tdsconn/packet-tdsconn.c
    mapfile -t files < <(find epan/dissectors/tdsconn -name "*.[ch]" | sort)

    # It warns of a variable that is called index or time, as a function is: -Wshadow knows better.
    perl "$checks/tools/checkAPIs.pl" --nocheck-shadow --group abort --group termoutput \
        --group dissectors-prohibited --group dissectors-restricted "${files[@]}" || bad=1
    perl "$checks/tools/checkhf.pl" "${files[@]}" || bad=1
    perl "$checks/tools/checkfiltername.pl" epan/dissectors/tdsconn/packet-*.c || bad=1
    # Its exit code counts no warnings.
    python3 "$checks/tools/check_typed_item_calls.py" --mask --label --consecutive --missing-items \
        "${files[@]/#/--file=}" | tail -n +3 | grep -v '^$' | tee calls
    grep -qx '0 warnings' calls || bad=1
    return "$bad"
}

# Whether the programs that the workflows run are here.
scripts_of_workflows() {
    local script missing=0
    for script in $(grep -ohE '(\./dev|\.ci/run|\b(tools|tests)/[a-z-]+(\.py|\.sh)?)( |$)' .github/workflows/*.yml | sort -u); do
        [[ -x $script ]] || { echo "$script is not there, or cannot be run" && missing=1; }
    done
    return "$missing"
}

case ${1:-} in
format)
    need clang-format-14 clang-format-14
    find plugin tests/unit tests/fuzz -name "*.[ch]" -exec clang-format-14 --dry-run -Werror {} +
    ;;
spelling)
    need codespell codespell
    # "keep-alives" is TCP's word; "froms" is a name in a test; "to and fro"; "connec" is what a narrow column shows.
    codespell --ignore-words-list=keep-alives,froms,fro,encrypte,connec --skip='*/corpus/*,*/expected/*,*.pyc' \
        plugin profile tests docs dev ./*.md captures/README.md
    ;;
cppcheck)
    need cppcheck cppcheck
    # It does not see that a loop over a whole array begins it, nor that a function chosen by ?: does.
    cppcheck --quiet --error-exitcode=1 --std=c11 -j "$(nproc)" --enable=warning,performance,portability \
        --suppress=missingInclude --suppress=normalCheckLevelMaxBranches --suppress=uninitvar:tests/unit/mars_property_test.c \
        --suppress=uninitvar:plugin/stream/smb.c -I plugin/core plugin tests/unit tests/fuzz
    ;;
tidy)
    need clang-tidy-14 clang-tidy-14
    find plugin -name "*.c" |
        xargs -P "$(nproc)" -n 3 clang-tidy-14 --quiet -p "$build" 2>/dev/null
    ;;
wireshark)
    need perl perl
    if ! checks=$(tools/wireshark-checks --kept); then
        echo "skipped: the checks are not there; tools/wireshark-checks fetches them, as ./dev test does"
        exit 77
    fi
    wireshark_checks
    ;;
workflows)
    need node nodejs
    if ! tools/actionlint --kept; then
        echo "skipped: actionlint is not there; tools/actionlint --fetch fetches it, as ./dev test does"
        exit 77
    fi
    tools/actionlint .github/workflows/*.yml
    scripts_of_workflows
    ;;
*)
    echo "lint.sh format|spelling|cppcheck|tidy|wireshark|workflows [BUILD-FOLDER]" >&2
    exit 2
    ;;
esac
