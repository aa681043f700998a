#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Firmware on the simulated RISC-V system with the RTL: results, sizes, bad images, a device that fails, the serial protocol.
#
# quick: results and the serial protocol, not the failures.
# usage: B=BUILD LIMIT_SMALL=BYTES LIMIT_FULL=BYTES run.sh CONFIG MODELS [quick]      MODELS: folder with kws_ref_model.tflite; without it a shipped network
set -u
config=$1 models=$2 quick=${3:-}
dir=$B/firmware/test/$config
sim=$B/soc/$config/weft_soc full=$B/firmware/full.hex small=$B/firmware/small.hex
mkdir -p "$dir"
passed=0 failed=0

# check NAME EXPECTED_CODE COMMAND...
check() {
  local name=$1 want=$2 t0=$SECONDS; shift 2
  "$@" >"$dir/log" 2>&1
  local code=$?
  if [ $code = "$want" ]; then
    passed=$((passed + 1))
    echo "ok: $name ($((SECONDS - t0)) s; $(grep -o 'cycles_per_s=[0-9]*' "$dir/log" | tail -n 1))"
  else
    failed=$((failed + 1))
    echo "FAILED: $name: exit code $code, expected $want: $*"
    grep -v '^counter' "$dir/log" | tail -n 20
  fi
}
pack() { mkdir -p "$dir/$2"; "$B/weft-pack" "$1" "$config" "$dir/$2" || exit 1; }
# run FIRMWARE NETWORK OPTIONS...
run() { local fw=$1 net=$2; shift 2; "$sim" --firmware "$fw" --input "$dir/$net/input.bin" --limit-seconds 600 "$@"; }

pack tests/networks/fmnist_dscnn.tflite cnn
good=$dir/cnn/image.bin
check "sizes" 0 sw/firmware/size.sh riscv64-unknown-elf-size "$B/firmware/small.elf" "$LIMIT_SMALL" "$B/firmware/full.elf" "$LIMIT_FULL"
check "network twice, outputs equal" 0 run "$full" cnn --image "$good" --runs 2 --expect "$dir/cnn/expected.txt"
if [ "$quick" != quick ]; then
check "random bus stalls" 0 run "$full" cnn --image "$good" --seed 5 --expect "$dir/cnn/expected.txt"
pack tests/networks/fmnist_lstm.tflite lstm
check "without golden operators: named" 0 run "$small" lstm --image "$dir/lstm/image.bin" --exit-code 1 --says "needs the CPU: this firmware is built without golden operators"
check "LSTM by steps, twice: variables start anew" 0 run "$full" lstm --image "$dir/lstm/image.bin" --runs 2 --expect "$dir/lstm/expected.txt"
check "no CPU operators: small firmware" 0 run "$small" cnn --image "$good" --expect "$dir/cnn/expected.txt"

# Every bad image, then a good one on the same device: named errors, nothing overwritten (the harness compares), same result.
args=()
bad() {
  "$B/firmware/spoil" "$1" "$good" "$dir/$1.bin" || { echo "FAILED: spoil $1"; failed=$((failed + 1)); return; }
  args+=(--image "$dir/$1.bin" --says "$2")
}
bad empty "cut short, bytes"
bad truncated "cut short, bytes"
bad magic "not a network image"
bad version "compiled for machine version"
bad config "compiled for configuration other"
bad bitflip "damaged, checksum"
bad commands-beyond "commands beyond the image"
bad wrap "constants beyond the image"
bad segment-beyond "image: segment 0 names commands"
bad tensor-beyond "place beyond the arena"
bad load-outside "LOAD: offset: bytes"
bad store-outside "STORE: offset: bytes"
bad store-commands "STORE: region 0, accepted is 2"
bad store-constants "STORE: region 1, accepted is 2"
bad opcode "image: job of layer 0: command 0: opcode = 238: accepted are 1 LOAD"
bad reserved "command 0 LOAD: word 31 has a reserved bit set"
bad buffer "buf: its strides and counts reach buffer word"
bad race "at the same time: accepted is wait_load >="
bad wait "accepted is the count of LOAD commands before it"
check "19 bad images, each named, nothing overwritten, then a good one" 0 run "$full" cnn "${args[@]}" --image "$good" --expect "$dir/cnn/expected.txt"

hostile() { "$B/firmware/test_image" "$dir/$1/image.bin" "$dir/$1/input.bin" "$config" 800 >"$dir/hostile.txt" && cmp "$dir/hostile.txt" "$dir/$1/expected.txt"; }
check "800 hostile images on the host, sanitized; then the good one's result" 0 hostile cnn
check "800 hostile images of an LSTM likewise" 0 hostile lstm
check "memory silent: timeout named, works after reset" 0 run "$full" cnn --silent-memory --image "$good" --image "$good" \
  --says "job timeout" --expect "$dir/cnn/expected.txt"
check "no interrupt: named, works after reset" 0 run "$full" cnn --cut-irq --image "$good" --image "$good" --says "lost interrupt" \
  --expect "$dir/cnn/expected.txt"
check "bus errors: named, works after reset" 0 run "$full" cnn --bus-error --image "$good" --image "$good" \
  --says "device error: SLVERR or DECERR on a read, engine FETCH" --expect "$dir/cnn/expected.txt"
check "simulation over its limit: stuck, said why" 3 run "$full" cnn --image "$good" --limit-cycles 50000

fi

# The serial protocol on a pseudo-terminal, with the keyword network when it is there.
net=$models/kws_ref_model.tflite
[ -f "$net" ] || net=tests/networks/fmnist_dscnn.tflite
pack "$net" serial
check "keyword network by firmware" 0 run "$full" serial --image "$dir/serial/image.bin" --expect "$dir/serial/expected.txt" --limit-seconds 120
rm -f "$dir/pty.log"       # an earlier run's names a terminal that is gone
touch "$dir/pty.log"
run "$full" serial --image "$dir/serial/image.bin" --pty >"$dir/pty.log" 2>&1 &
simulation=$!
tty=
for _ in $(seq 100); do
  tty=$(sed -n 's/^pty //p' "$dir/pty.log")
  [ -z "$tty" ] || break
  sleep 0.1
done
check "serial protocol, $(basename "$net")" 0 "$B/firmware/serial_host" "$tty" "$dir/serial/input.bin" "$dir/serial/results.txt" "$config" "$(basename "$net" .tflite)"
wait $simulation
check "the simulation ended with the session" 0 grep -q '^PASS' "$dir/pty.log"

echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
