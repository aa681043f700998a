#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# `weft energy`: the page in docs is what the program writes, the figures of its tables hold together, bad input is refused.
#
# usage: energy.sh WEFT
set -u
weft=$(realpath "$1")
docs=$(realpath docs)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
check() {      # NAME COMMAND...
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL $name"; head -5 "$work/out"; fi
}
refused() { local want=$1; shift; "$weft" energy "$@" >"$work/out2" 2>&1; [ $? = 2 ] && grep -q "$want" "$work/out2"; }

"$weft" energy --page "$work/energy.md" >"$work/log" || { cat "$work/log"; failed=1; }
for f in energy.md energy-schedules.svg energy-layers.svg; do check "docs/$f is the generated one (make energy)" cmp "$work/$f" "$docs/$f"; done
check "plots are XML" python3 -c "import sys, xml.dom.minidom as x; [x.parse(f) for f in sys.argv[1:]]" "$work/energy-schedules.svg" "$work/energy-layers.svg"

# Layers: six levels add up to the sum, the layers to the last line; MACs are those of the zoo's networks.
layers() {
  awk -F'|' '
    /^### /{ on = 0 }
    /^\| # \| operator /{ on = 1; n++; split("", sum); next }
    on && /^\|--/ { next }
    on && /^\|/ {
      s = 0; for (i = 6; i <= 11; i++) s += $i
      if (s - $12 > 0.05 || $12 - s > 0.05) { print "levels " s " sum " $12; bad = 1 }
      macs = $5; gsub(",", "", macs)
      if ($3 ~ /all/) { for (i = 6; i <= 12; i++) if (sum[i] - $i > 0.3 || $i - sum[i] > 0.3) { print "column " i ": " sum[i] " not " $i; bad = 1 }
                        if (sum[0] != macs + 0) bad = 1; all[n] = macs + 0 }
      else { for (i = 6; i <= 12; i++) sum[i] += $i; sum[0] += macs }
    }
    END { exit bad || n != 3 || all[1] != 665784864 || all[2] != 4 * all[1] || all[3] != 568740352 }' "$work/log"
}
check "layers" layers

# Schedules: levels add up; all but Weft spend exactly the networks MACs; ratios are quotients of the sums.
schedules() {
  awk -F'|' '
    /^\| for a MAC /{ n++; next }
    /^\| Weft, as counted \|/ && NF == 13 { weft = $9 }
    /^\| row-stationary, best mapping \|/ { rs = $9 }
    /^\| (Weft|row-stat|weight-stat|output-stat|no local)/ && NF == 13 {
      rows++; s = 0; for (i = 3; i <= 8; i++) s += $i
      if (s - $9 > 0.035 || $9 - s > 0.035) { print "levels " s " sum " $9; bad = 1 }
      if ($10 * weft - $9 > 0.01 * $9 || $9 - $10 * weft > 0.01 * $9) { print "ratio " $10; bad = 1 }
      if (rs && ($11 * rs - $9 > 0.01 * $9 || $9 - $11 * rs > 0.01 * $9)) { print "ratio " $11; bad = 1 }
      if ($2 !~ /Weft/ && $3 + 0 != ($3 ~ /\.[0-9][0-9][0-9]/ ? 0.3 : 1)) { print "MACs " $3; bad = 1 }
      if ($2 ~ /wide/) rs = 0
    }
    END { exit bad || n != 9 || rows != 72 }' "$work/log"
}
check "schedules" schedules
check "a batch of four: more DRAM, no more than four times" awk -F'|' '/^\| Weft, as counted/ && NF == 13 {d[++n] = $12} END {exit !(d[4] > d[1])}' "$work/log"

check "a file, one job for many layers" bash -c "'$weft' energy tests/networks/fmnist_dscnn.tflite --config tiny | grep -q 'no local reuse, wide'"
check "layers that others are not given" bash -c "'$weft' energy tests/networks/fmnist_transformer.tflite --config tiny | grep -q 'no other schedules: operator .* BATCH_MATMUL'"
check "unknown network" refused "no 'lenet'" lenet
check "a batch of a file" refused 'has its own' tests/networks/fmnist_mlp.tflite --batch 2
check "a page of one network" refused 'without a network' nvdla-5 --page x.md
check "a page that cannot be written" refused 'no/such/dir' --page no/such/dir/energy.md
echo "$passed passed, $failed failed"
[ $failed = 0 ]
