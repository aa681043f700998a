#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Finds which Debian packages a make verb needs and this machine lacks, and installs them when allowed.
#
# usage: need.sh GROUP...      groups are the words before the colon in packages.txt
# Root, CI=true or WEFT_YES=1: installs without asking. WEFT_NO_INSTALL=1: only reports. Else asks once on a terminal.
set -euo pipefail
here=$(dirname "$0")

missing=()
for group in "$@"; do
  line=$(grep "^$group:" "$here/packages.txt") || { echo "need.sh: no group '$group' in packages.txt" >&2; exit 2; }
  for p in ${line#*:}; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
  done
done
[ ${#missing[@]} -gt 0 ] || exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo "
echo "Weft needs Debian packages that are not installed. The line that installs them:"
echo "  ${sudo}apt-get install -y --no-install-recommends ${missing[*]}"
if [ "${WEFT_NO_INSTALL:-0}" = 1 ]; then
  echo "WEFT_NO_INSTALL=1: nothing was installed." >&2
  exit 1
fi
if [ "$(id -u)" != 0 ] && [ "${CI:-}" != true ] && [ "${WEFT_YES:-0}" != 1 ]; then
  [ -t 0 ] || { echo "Not a terminal: run the line above, or set WEFT_YES=1." >&2; exit 1; }
  read -r -p "Run it now? [y/N] " answer
  case "$answer" in y|Y|yes) ;; *) echo "Nothing was installed." >&2; exit 1 ;; esac
fi
${sudo}apt-get update -q
DEBIAN_FRONTEND=noninteractive ${sudo}apt-get install -y --no-install-recommends "${missing[@]}"
