#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `weft run --timeline`: sampling leaves the cycles as they are, each command is in exactly one event, an engine's events do not overlap and end in time.
#
# usage: timeline.sh WEFT NETWORK CONFIG      a network without CPU operators, and the RTL of CONFIG (WEFT_SIM_DIR)
set -u
weft=$1 net=$2 config=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() {      # NAME CONDITION
  if [ "$2" = 1 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $1"; fi
}
"$weft" run "$net" --config "$config" --target rtl --timeline "$work/t.json" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
cycles=$(sed -n 's/^timeline of \([0-9]*\) cycles.*/\1/p' "$work/log")
# The same plan, not watched.
alone=$("$weft" run "$net" --config "$config" --target rtl --speed | sed -n 's/.* cycles=\([0-9]*\) seconds.*/\1/p')
check "cycles with samples ($cycles) are those without" "$(awk -v a="$cycles" -v b="$alone" 'BEGIN {print (a > 0 && b % a == 0)}')"
commands=$("$weft" compile "$net" --config "$config" --output-dir "$work" | sed -n 's/^jobs, commands *[0-9]*, //p')
# Events stand one on a line, an engine's in order of time.
awk -F'"ts":|"dur":|,"args"|"tid":|,"name"|"commands":|}' -v cycles="$cycles" -v commands="$commands" '
  /"ph":"X"/ { e = $2; n += $7; from = $4 + 0; if (from < end[e] - 0.2) overlap++; end[e] = from + $5; if ($5 + 0 <= 0) empty++; if (end[e] > last) last = end[e] }
  /"ph":"C"/ { samples++ }
  END { print (n == commands), (overlap + empty == 0), (last > 0.9 * cycles && last < 1.1 * cycles), (samples > 20) }' "$work/t.json" >"$work/found"
read -r all apart end samples <"$work/found"
check "each of $commands commands is in one event" "$all"
check "events of an engine do not overlap" "$apart"
check "the last event ends with the job" "$end"
check "samples" "$samples"
check "brackets are balanced" "$(tr -cd '{}[]' <"$work/t.json" | awk '{o = gsub(/[{[]/, ""); c = gsub(/[]}]/, ""); print (o > 0 && o == c)}')"
"$weft" run "$net" --config "$config" --timeline "$work/m.json" 2>"$work/err"
check "the machine model has none" "$([ $? = 2 ] && grep -q 'needs --target rtl' "$work/err" && [ ! -e "$work/m.json" ] && echo 1)"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
