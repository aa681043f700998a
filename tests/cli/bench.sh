#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `weft bench` on its smallest networks: outputs are compared, the figures of the CSV file hold together, bars are judged, bad input is refused.
#
# usage: bench.sh WEFT      needs the RTL of weft64 (WEFT_SIM_DIR)
set -u
weft=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() {      # NAME COMMAND...
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $name"; head -5 "$work/out"; fi
}
says() { "$weft" bench "${@:2}" 2>&1 | grep -qE "$1"; }

"$weft" bench nvdla-4 nvdla-5 kws_ref_model.tflite --models "$work" --layers --csv "$work/b.csv" --page "$work/p.md" >"$work/log" || { cat "$work/log"; failed=1; }

# By the names of the CSV's columns.
column() {
  awk -F, -v test="$1" '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    function v(name) { return $at[name] + 0 }
    $at["state"] == "DONE" { rows++
      busy = v("ISSUE") + v("STALL_IFMAP") + v("STALL_FILTER") + v("STALL_OUT")
      if (test == "order" && !(v("ISSUE") > 0 && busy <= v("BUSY_ARRAY") && v("BUSY_ARRAY") <= v("CYCLES"))) bad = 1
      if (test == "limit" && v("limit_cycles") != ($at["network"] == "nvdla-4" ? 8124 : 5121)) bad = 1      # both are bound by the bus
      if (test == "bytes" && v("dram_bytes") != 8 * (v("FETCH_BEATS") + v("LOAD_BEATS") + v("STORE_BEATS"))) bad = 1
      if (test == "macs" && v("macs") != ($at["network"] == "nvdla-4" ? 331776 : 16384)) bad = 1
      if (test == "model" && !(v("estimate_cycles") / v("CYCLES") > 0.95 && v("estimate_cycles") / v("CYCLES") < 1.05)) bad = 1
      if (test == "layers" && v("layers_checked") != v("layers")) bad = 1
      if (test == "least" && $at["network"] == "nvdla-5" && !(v("weights") == 8192 && v("biases") == 4 && v("tables") == 5 && v("input") == 32768 && v("output") == 2)) bad = 1
    }
    END { exit bad || rows != 2 }' "$work/b.csv"
}
for test in order limit bytes macs model layers least; do check "csv: $test" column $test; done
# useful .. none sum to 100 %, up to their rounding
sums() {
  awk -F'|' '/^## /{on = /Where/} on && / weft64 /{s = 0; for (i = 4; i <= 13; i++) s += $i; n++; if (s < 99.5 || s > 100.5) bad = 1} END {exit bad || n != 2}' "$work/p.md"
}
check "shares sum to 100 %" sums
check "page equals what is printed" bash -c "grep -F '| nvdla-4 | weft64 |' '$work/p.md' | grep -vxFf '$work/log' | { ! grep .; }"
check "a table of layers" grep -q 'nvdla-4 on weft64, one job a layer' "$work/log"
check "a file that is not there is SKIPPED" grep -q 'kws_ref_model.tflite on weft256: SKIPPED: .* is not there' "$work/p.md"
check "better than nv_small's 1.4 %" grep -qE '^\| nvdla-5 .*\| (must|aim) \|' "$work/p.md"
check "unknown network" says "no network 'lenet'" lenet
check "no simulation" env WEFT_SIM_DIR="$work" bash -c "! '$weft' bench nvdla-5 >'$work/log2' && grep -q 'FAILED: .*make sim-lib CONFIG=weft64' '$work/log2'"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
