#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Is the test of the field check worth its name? Breaks one rule of VEC or TRANSPOSE in a copy of field_check.v at a time; tb_fields must
# find every one of them.
#
# usage: mutate_fields.sh FOLDER N SEED [ONLY]      FOLDER for the copies, N commands drawn each time, ONLY: part of a mutant's name;
# BUILD: the command that verilates $RTL into $DIR/tb_fields
set -u
folder=$1 n=$2 seed=$3 only=${4:-}
source=rtl/ctrl/field_check.v
found=0 missed=0
# name @ text that stands in field_check.v once @ what it becomes
while IFS=@ read -r name from to; do
  [[ $name == *$only* ]] || continue
  dir=$folder/$name
  mkdir -p "$dir"
  FROM=$from TO=$to perl -0pe 's/\Q$ENV{FROM}\E/$ENV{TO}/' "$source" > "$dir/field_check.v"
  if [ "$(grep -oF -- "$from" "$source" | wc -l)" != 1 ] || cmp -s "$source" "$dir/field_check.v"; then
    echo "FAIL $name: '$from' does not stand once in $source"
    missed=$((missed + 1))
    continue
  fi
  if ! RTL=$dir/field_check.v DIR=$dir bash -c "$BUILD" > "$dir/build.log" 2>&1; then
    echo "FAIL $name: does not build: $(tail -n 1 "$dir/build.log")"
    missed=$((missed + 1))
  elif "$dir/tb_fields" "$n" "$seed" tiny > "$dir/run.log" 2>&1; then
    echo "FAIL $name: not found in $n commands"
    missed=$((missed + 1))
  else
    printf '%-28s found: %s\n' "$name" "$(grep -m 1 'opcode' "$dir/run.log" | sed 's/^ *//')"
    found=$((found + 1))
  fi
done <<'END'
bit15@!step[15] && @
a_is_3@asel != 3'd3 && @
scale_beyond_weight@scale <= `WEFT_SCALE_WEIGHT && @
into_beyond_out@into <= `WEFT_INTO_OUT && @
out_missing@out == (nsteps == NUMBER)@(!out || nsteps == NUMBER)
out_early@out == (nsteps == NUMBER)@(out || nsteps != NUMBER)
a_unused_not_0@(a_used || asel == 3'd0) && @
b_unused_not_0@(b_used || bsel == 3'd0) && @
acc_before_set@(!reads_acc || acc) && @
add_needs_no_acc@(s != 0 && (into == `WEFT_INTO_ADD || into == `WEFT_INTO_MAX))@1'b0
taps_take_acc@(!takes_acc || !step[`WEFT_STEP_taps] || into > `WEFT_INTO_MAX) && @
t1d_is_no_acc@ || bsel == `WEFT_B_T1D;@;
two_rows@(!to_row || !row)@1'b1
row_scale_early@(scale != `WEFT_SCALE_ROW || reciprocal) && @
weight_with_splat@(fn == `WEFT_FN_A && !splat)@(fn == `WEFT_FN_A)
weight_any_fn@(fn == `WEFT_FN_A && !splat)@!splat
div_any_fn@(fn == `WEFT_FN_ACC && scale < `WEFT_SCALE_NONE)@(scale < `WEFT_SCALE_NONE)
div_any_scale@(fn == `WEFT_FN_ACC && scale < `WEFT_SCALE_NONE)@(fn == `WEFT_FN_ACC)
recip_without_row@(row && !reciprocal && @(!reciprocal && 
two_recips@(row && !reciprocal && @(row && 
recip_selectors@step[6:0] == 7'd0 && @
recip_scaled@scale == `WEFT_SCALE_NONE && !step[`WEFT_STEP_taps])@!step[`WEFT_STEP_taps])
recip_taps@scale == `WEFT_SCALE_NONE && !step[`WEFT_STEP_taps])@scale == `WEFT_SCALE_NONE)
steps_beyond@here ? fine : step == 16'h0@here ? fine : 1'b1
max_is_no_acc@here && into <= `WEFT_INTO_MAX@here && into < `WEFT_INTO_MAX
k_without_taps@((|has_taps) || one_tap)@1'b1
no_steps@nsteps != 0 && @
five_steps@nsteps <= 3'd4 && @
clamp_upside_down@vec_min <= vec_max && @
clamp_unsigned@vec_min <= vec_max && @{vec_min} <= {vec_max} && 
mult0_large@mult0 <= NO_SCALE && @
mult2_large@ && mult2 <= NO_SCALE@
n1_is_0@rec_i[`WEFT_VEC_n1] != 0 && @
k1_is_0@rec_i[`WEFT_VEC_k1] != 0 && @
rows_is_0@rows_16 != 5'd0 && @
rows_17@rows_16 <= 5'd16 && @
cols_is_0@cols_16 != 5'd0 &&@
cols_beyond@cols_end <= 6'd16@1'b1
transpose_n1_is_0@rec_i[`WEFT_TRANSPOSE_n1] != 0 && @
END
echo "$found passed, $missed failed, 0 skipped"
[ $missed = 0 ] && [ $found -gt 0 ]
