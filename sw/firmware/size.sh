#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Prints code and static data of firmware builds and fails when one exceeds its limit.
#
# usage: size.sh SIZE_PROGRAM (ELF LIMIT)...
set -u
size=$1; shift
bad=0
while [ $# -ge 2 ]; do
  read -r text data bss _ < <("$size" "$1" | tail -n 1)
  [ -n "${bss:-}" ] || exit 2
  total=$((text + data + bss))
  verdict=ok
  [ "$total" -le "$2" ] || { verdict="TOO LARGE"; bad=1; }
  printf '%-28s code %6d, data %5d, zeroed data %5d: %6d of %6d bytes  %s\n' "${1##*/}" "$text" "$data" "$bss" "$total" "$2" "$verdict"
  shift 2
done
exit $bad
