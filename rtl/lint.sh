#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Lints every module of rtl.f alone, with the parameters of every configuration that it declares, and the top in every configuration.
#
# usage: lint.sh GEN CONFIG...    (GEN: directory of weft_spec.vh and <config>/weft_config.vh; VERILATOR may be set)
# Exit 1 when anything is reported. A module whose parameters repeat from configuration to configuration is linted once.
set -u
gen=$1; shift
verilator=${VERILATOR:-verilator}
files=$(grep -v '^#' rtl/rtl.f)
for f in $files; do [ -f "$f" ] || { echo "lint: rtl/rtl.f names $f, which does not exist"; exit 1; }; done
for f in $(find rtl -name '*.v'); do grep -qx "$f" rtl/rtl.f || { echo "lint: $f is not in rtl/rtl.f"; exit 1; }; done

jobs=$(for f in $files; do
  module=$(basename "$f" .v)
  for config in "$@"; do
    args=""
    while read -r _ name value; do
      p=${name#WEFT_}
      grep -qE "^ *parameter integer $p *=" "$f" && args="$args -G$p=$value"
    done < <(grep '^`define WEFT_[A-Z_]* [0-9]' "$gen/$config/weft_config.vh")
    # Only the top reads the configuration header; for the others any will do.
    [ "$module" = weft ] && echo "$module $config" || echo "$module $1$args"
  done
done | sort -u)

one() {   # gen verilator module config args...
  local gen=$1 verilator=$2 module=$3 config=$4; shift 4
  local out
  if ! out=$("$verilator" --lint-only -Wall -Wno-fatal --bbox-unsup -I"$gen" -I"$gen/$config" --top-module "$module" "$@" -f rtl/rtl.f 2>&1) \
     || [ -n "$out" ]; then
    printf 'lint: %s (%s) %s\n%s\n' "$module" "$config" "$*" "$out"
    return 1
  fi
}
export -f one
if echo "$jobs" | sed "s|^|$gen $verilator |" | xargs -P 2 -L 1 bash -c 'one "$@"' _; then
  echo "lint: $(echo "$jobs" | wc -l) checks of $(echo "$files" | wc -l) modules in $# configurations: clean"
else
  exit 1
fi
