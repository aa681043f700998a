#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Networks that are not part of the project on the RTL, every layer against the golden model, with only the CPU operators that are allowed.
#
# usage: networks.sh WEFT CONFIG FOLDER ALLOWED NAME...
# ALLOWED: `none`, or operators that may run on the CPU, separated by commas. NAME: FOLDER/NAME.tflite; one that is not there
# prints SKIPPED, and a folder without any of them skips the whole check.
set -u
[ $# -ge 5 ] || { echo "usage: networks.sh WEFT CONFIG FOLDER ALLOWED NAME..." >&2; exit 2; }
weft=$1 config=$2 folder=$3 allowed=,$4,
shift 4
passed=0 failed=0 skipped=0
for name in "$@"; do
  file=$folder/$name.tflite
  if [ ! -f "$file" ]; then
    echo "SKIPPED $name: $file is not there"
    skipped=$((skipped + 1))
    continue
  fi
  table=$("$weft" run "$file" --config "$config" --target rtl --check 2>&1)
  code=$?
  tail -n 1 <<<"$table"
  on_cpu=$(sed -n -E 's/^ *[0-9]+ ([A-Z0-9_]+) .* CPU: .*/\1/p' <<<"$table")
  named=$(grep -c . <<<"$on_cpu")
  others=$(grep . <<<"$on_cpu" | while read -r op; do [[ $allowed == *,$op,* ]] || echo "$op"; done)
  if [ $code = 0 ] && [ -z "$others" ] && grep -qE "^PASS $name.tflite config=$config layers=[0-9]+ cpu_ops=$named .* mismatches=0$" <<<"$table"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    [ -z "$others" ] || echo "FAIL $name: on the CPU: $(sort -u <<<"$others" | paste -sd ' ')"
    grep -E 'CPU: |MISMATCH|DIFFERS|differs|hang|error' <<<"$table" | head -n 10
  fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] || exit 1
[ $passed -gt 0 ] || exit 77
