#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs checks one after another and adds up their results; the last line is `<n> passed, <n> failed, <n> skipped`.
#
# usage: run.sh LOG_DIR < list       each line of the list: name | command
# A check that prints a line `<n> passed, <n> failed[, <n> skipped]` counts so (its last such line); cmocka's summary counts
# its tests; any other check counts as one. Exit code 77 means skipped. A non-zero exit code always counts as a failure.
set -u
logs=$1
mkdir -p "$logs"
mapfile -t list
passed=0 failed=0 skipped=0 i=0 start=$(date +%s)
for line in "${list[@]}"; do
  [[ $line =~ ^[[:space:]]*(#|$) ]] && continue
  name=$(sed 's/ *|.*//; s/^ *//' <<<"$line")
  command=${line#*|}
  i=$((i + 1))
  [ -t 1 ] && printf '\r\033[K[%d/%d] %s (%d s so far)' "$i" "${#list[@]}" "$name" "$(($(date +%s) - start))"
  t0=$(date +%s)
  log="$logs/$(tr -c 'a-zA-Z0-9_.-' _ <<<"$name" | sed 's/_*$//').log"
  bash -c "$command" >"$log" 2>&1 </dev/null
  code=$?
  counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
  if [ -n "$counts" ]; then
    read -r p f s < <(sed -E 's/^([0-9]+) passed, ([0-9]+) failed(, ([0-9]+) skipped)?.*/\1 \2 \4/' <<<"$counts")
  elif grep -q '\[  PASSED  \]' "$log"; then
    p=$(sed -n -E 's/^\[  PASSED  \] ([0-9]+) test.*/\1/p' "$log" | awk '{n+=$1} END {print n+0}')
    f=$(sed -n -E 's/^\[  FAILED  \] ([0-9]+) test.*/\1/p' "$log" | awk '{n+=$1} END {print n+0}')
    s=$(sed -n -E 's/^\[  SKIPPED \] ([0-9]+) test.*/\1/p' "$log" | awk '{n+=$1} END {print n+0}')
  else
    p=0 f=0 s=0
    case $code in 0) p=1 ;; 77) s=1 ;; *) f=1 ;; esac
  fi
  s=${s:-0}
  [ "$code" = 0 ] || [ "$code" = 77 ] || [ "$f" -gt 0 ] || f=1
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  verdict=ok
  [ "$s" -eq 0 ] || verdict="ok, $s SKIPPED"
  [ "$p" -gt 0 ] || verdict=SKIPPED
  [ "$f" -eq 0 ] || verdict=FAILED
  [ -t 1 ] && printf '\r\033[K'
  printf '%-44s %-14s %6d tests %5d s\n' "$name" "$verdict" $((p + f + s)) $(($(date +%s) - t0))
  grep -E '^SKIPPED' "$log" | head -n 5 | sed 's/^/    /'
  if [ "$f" -gt 0 ]; then
    echo "---- the last lines of $log"
    tail -n 25 "$log"
    echo "---- replay: $command"
  fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
