#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The five MLPerf Tiny networks on the RTL, every layer against the golden model, no CPU operator but SOFTMAX.
#
# usage: mlperf_tiny.sh WEFT CONFIG FOLDER     a file that is not there prints SKIPPED
set -u
weft=$1 config=$2 folder=$3
passed=0 failed=0 skipped=0
for name in ad01_int8 kws_ref_model vww_96_int8 pretrainedResnet_quant str_ww_ref_model; do
  file=$folder/$name.tflite
  if [ ! -f "$file" ]; then
    echo "SKIPPED $name: $file is not there"
    skipped=$((skipped + 1))
    continue
  fi
  table=$("$weft" run "$file" --config "$config" --target rtl --check 2>&1)
  code=$?
  tail -n 1 <<<"$table"
  others=$(grep 'CPU:' <<<"$table" | grep -vc SOFTMAX)
  if [ $code = 0 ] && [ "$others" = 0 ] && grep -qE "^PASS $name.tflite config=$config .* mismatches=0$" <<<"$table"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    grep -E 'CPU:|MISMATCH|differs|hang|error' <<<"$table"
  fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
