#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Bad input to `weft`: one clear line on stderr that says what and what would be accepted, exit 2, nothing written.
#
# usage: bad_input.sh WEFT PYTHON_FREE_NETWORK      (a good .tflite file)
set -u
weft=$(realpath "$1") good=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
passed=0 failed=0

# refuse NAME PATTERN COMMAND...: must exit 2, print one line that matches PATTERN on stderr, and leave no new file behind.
refuse() {
  local name=$1 pattern=$2
  shift 2
  local before after code
  before=$(ls -A)
  "$@" >out.txt 2>err.txt
  code=$?
  local err lines
  err=$(cat err.txt) lines=$(grep -c . err.txt)
  rm -f out.txt err.txt
  after=$(ls -A)
  if [ $code = 2 ] && [ "$lines" = 1 ] && grep -qiE "$pattern" <<<"$err" && [ "$before" = "$after" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $name: exit $code (want 2), $lines lines (want 1) matching /$pattern/, files '$after' (want '$before')"
    echo "     $err"
  fi
}

head -c 1000 "$good" >cut.tflite
printf 'not a network at all' >text.tflite
: >empty.tflite
cp "$good" mutated.tflite
printf '\xff\xff\xff\xff\xff\xff\xff\xff' | dd of=mutated.tflite bs=1 seek=24 conv=notrunc status=none
printf '\x93NUMPY\x01\x00' >bad.npy
head -c 10 /dev/zero >short.bin
for verb in run compile info disasm timing; do
  refuse "$verb: no file" 'needs|usage' "$weft" $verb
  refuse "$verb: file that is not there" 'nothere\.tflite' "$weft" $verb nothere.tflite
  refuse "$verb: truncated file" 'cut\.tflite' "$weft" $verb cut.tflite
  refuse "$verb: text" 'text\.tflite' "$weft" $verb text.tflite
  refuse "$verb: empty file" 'empty\.tflite' "$weft" $verb empty.tflite
  refuse "$verb: mutated file" 'mutated\.tflite' "$weft" $verb mutated.tflite
  refuse "$verb: a directory" '\.' "$weft" $verb .
done
refuse "unknown verb" 'unknown|verb' "$weft" frobnicate
refuse "unknown option" 'nonsense' "$weft" run "$good" --nonsense
refuse "unknown configuration" 'weft999.*(tiny|weft672)' "$weft" run "$good" --config weft999
refuse "unknown target" 'fpga.*(rtl|model)' "$weft" run "$good" --target fpga
refuse "input that is not there" 'nothere\.npy' "$weft" run "$good" --input nothere.npy
refuse "broken .npy" 'bad\.npy' "$weft" run "$good" --input bad.npy
refuse "input of the wrong size" 'short\.bin' "$weft" run "$good" --input short.bin
refuse "more inputs than the network has" 'input' "$weft" run "$good" --input random:1 --input random:2
refuse "more outputs than the network has" 'output' "$weft" run "$good" --output a.npy --output b.npy
refuse "output that cannot be written" 'no/such/dir' "$weft" run "$good" --output no/such/dir/y.npy
refuse "seed that is no number" 'abc' "$weft" run "$good" --seed abc
refuse "a table that cannot be written" 'no/such/dir' "$weft" compile --supported-ops-report no/such/dir/operators.md
refuse "a table of operators for a network" 'stands alone' "$weft" compile "$good" --supported-ops-report operators.md
refuse "no images" 'nowhere' "$weft" run "$good" --fmnist 4 --fmnist-dir nowhere

refuse "a network that the zoo does not have" 'lenet.*--list' "$weft" zoo lenet
refuse "a zoo network without its size" 'resnet50-SIZE' "$weft" zoo resnet50
refuse "a zoo file that cannot be written" 'no/such/dir' "$weft" zoo nvdla-5 -o no/such/dir/x.tflite
refuse "a timeline without time" 'needs --target rtl' "$weft" run "$good" --timeline t.json
refuse "a bench of a network that has no row" "no network 'lenet'" "$weft" bench lenet

# Good input still works here, so the refusals above are not accidents.
if "$weft" run "$good" --config tiny --input random:1 --output y.npy >out.txt 2>&1 && [ -s y.npy ]; then
  passed=$((passed + 1))
else
  failed=$((failed + 1))
  echo "FAIL good input is refused:"
  cat out.txt
fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
