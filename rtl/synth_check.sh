#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Synthesises parts of Weft for ECP5 with yosys: prints cell counts, fails on latches and when multipliers or memories are not inferred.
#
# usage: synth_check.sh GEN OUT    (GEN: generated headers; OUT: logs; YOSYS may be set)
# Latches are looked for right after `proc`, because synth_ecp5 turns them into LUT loops that no longer look like latches.
set -u
gen=$1 out=$2
yosys=${YOSYS:-yosys}
mkdir -p "$out"
bad=0

# synth NAME TOP "PARAM VALUE..."
synth() {
  local name=$1 top=$2 set="" p
  read -ra p <<< "$3"
  for ((i = 0; i < ${#p[@]}; i += 2)); do set="$set -set ${p[i]} ${p[i+1]}"; done
  local sources
  sources=$(grep -v '^#' rtl/rtl.f | tr '\n' ' ')
  cat > "$out/$name.ys" << END
read_verilog -defer -I$gen -I$gen/tiny $sources
${set:+chparam$set $top}
hierarchy -check -top $top
proc
select -assert-none t:\$dlatch t:\$adlatch t:\$dlatchsr t:\$sr
synth_ecp5 -top $top
tee -o $out/$name.stat stat
END
  if ! "$yosys" -q -l "$out/$name.log" "$out/$name.ys" > "$out/$name.out" 2>&1; then
    echo "synth: $name: yosys failed: $(grep -m1 ERROR "$out/$name.log" "$out/$name.out" | cut -d: -f2-)"
    bad=1
    return
  fi
  cells=$(awk '$1 ~ /^(LUT4|TRELLIS_FF|CCU2C|MULT18X18D|DP16KD|TRELLIS_DPR16X4|PFUMX|L6MUX21|\$_DLATCH_.*|.*LATCH.*)$/ {printf " %s %s", $1, $2}' "$out/$name.stat")
  echo "synth: $name:$cells"
  grep -q LATCH "$out/$name.stat" && { echo "synth: $name: latches"; bad=1; }
}
# expect CELL MIN MAX: of the last synth
expect() {
  local n
  n=$(echo "$cells" | tr ' ' '\n' | grep -A1 -x "$1" | tail -1)
  n=${n:-0}
  if [ "$n" -lt "$2" ] || [ "$n" -gt "$3" ]; then
    echo "synth: expected $2 to $3 $1, got $n"
    bad=1
  fi
}
config() { sed -n "s/^.define WEFT_$1 //p" "$gen/tiny/weft_config.vh"; }

rows=$(config ROWS) cols=$(config COLS) lanes=$(config LANES) words=$(config BUF_WORDS) bank=$(config BANK_WORDS) ppu=$(config PPU_LANES)
banks=$((words / bank))

synth pe pe "LANES $lanes"
expect MULT18X18D "$lanes" "$lanes"          # one per lane
synth lanes lanes "PPU_LANES $ppu"
expect MULT18X18D $((3 * ppu)) $((4 * ppu))  # 32 x 31 bits: three or four 18 x 18
expect TRELLIS_DPR16X4 0 1000
synth buffer buffer "BUF_WORDS $words BANK_WORDS $bank"
expect DP16KD $((4 * banks)) $((8 * banks))  # 128 bits with byte enables
expect TRELLIS_DPR16X4 0 0
synth weft_tiny weft ""
expect MULT18X18D $((rows * cols * lanes + 4 * ppu)) $((rows * cols * lanes + 5 * ppu))   # a lane's scale and its operands' product
expect DP16KD $((4 * banks + cols + 2 * ppu)) 1000     # buffer, accumulators of every column, two tables a lane
expect TRELLIS_DPR16X4 1 100000              # queues, window spads
[ $bad = 0 ] && echo "synth: no latches, multipliers and memories inferred as intended"
exit $bad
