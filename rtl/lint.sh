#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Lints every module of rtl.f alone, and the top in every configuration.
#
# usage: lint.sh GEN CONFIG...    (GEN: directory of weft_spec.vh and <config>/weft_config.vh; VERILATOR may be set)
# A module whose parameters are all a configuration's (or marked `derived, do not set`) is linted with those of every configuration, once
# for each set of values; one with parameters of its own with their defaults, and within the top in every configuration.
# Exit 1 when anything is reported, when rtl.f names a file that does not exist or a file is missing in it.
set -u
gen=$1; shift
export verilator=${VERILATOR:-verilator} gen
files=$(grep -v '^#' rtl/rtl.f)
for f in $files; do [ -f "$f" ] || { echo "lint: rtl/rtl.f names $f, which does not exist"; exit 1; }; done
for f in $(find rtl -name '*.v'); do grep -qx "$f" rtl/rtl.f || { echo "lint: $f is not in rtl/rtl.f"; exit 1; }; done
libs=$(for f in $files; do echo "-y $(dirname "$f")"; done | sort -u | tr '\n' ' ')
export libs

jobs=$(for f in $files; do
  own=$(sed -n 's/^ *parameter integer \([A-Z_0-9]*\).*/\1 &/p' "$f" | grep -v 'do not set' | cut -d' ' -f1)
  for config in "$@"; do
    args="" whole=1
    for p in $own; do
      value=$(sed -n "s/^.define WEFT_$p \([0-9]*\)$/\1/p" "$gen/$config/weft_config.vh")
      if [ -n "$value" ]; then args="$args -G$p=$value"; else whole=0; fi
    done
    # Only the top reads the configuration header; for the others any will do.
    if [ "$f" = rtl/weft.v ]; then echo "$f $config"
    elif [ $whole = 1 ]; then echo "$f $1$args"
    else echo "$f $1"; fi
  done
done | sort -u)

one() {   # file config args...
  local file=$1 config=$2 out; shift 2
  out=$("$verilator" --lint-only -Wall -Wno-fatal -I"$gen" -I"$gen/$config" --top-module "$(basename "$file" .v)" "$@" $libs "$file" 2>&1) &&
    [ -z "$out" ] && return 0
  printf 'lint: %s (%s) %s\n%s\n' "$file" "$config" "$*" "$out"
  return 1
}
export -f one
if echo "$jobs" | xargs -P 2 -L 1 bash -c 'one "$@"' _; then
  echo "lint: $(echo "$jobs" | wc -l) checks of $(echo "$files" | wc -l) modules in $# configurations: clean"
else
  exit 1
fi
