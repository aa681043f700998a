#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs Weft into an empty folder and builds the example against it through pkg-config, with libweft.so and with libweft.a;
# both must give the class and counters that `weft run` from the source tree gives, also when the folder was moved (DESTDIR).
#
# usage: install.sh BUILD_FOLDER NETWORK.tflite [CONFIG]
set -u
build=$(realpath "$1") net=$(realpath "$2") config=${3:-tiny}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

# check NAME COMMAND...: the command must succeed.
check() {
  local name=$1
  shift
  if "$@" >"$work/log" 2>&1; then passed=$((passed + 1)); else
    failed=$((failed + 1))
    echo "FAIL $name: $*"
    tail -n 5 "$work/log"
  fi
}
same() { [ -s "$2" ] && diff "$1" "$2"; }
says() { local pattern=$1; shift; "$@" | grep -E "$pattern"; }

check "make install" make -s B="$build" PREFIX="$work/usr" install
export PKG_CONFIG_PATH=$work/usr/lib/pkgconfig
version=$("$build/weft" --version | cut -d ' ' -f 2)
check "pkg-config knows the version" says "^$version\$" pkg-config --modversion weft
check "installed weft runs" says "^DONE " "$work/usr/bin/weft" run "$net" --config "$config" --target model

shared="gcc -std=c11 -Wall -Wextra -Werror sw/examples/classify.c $(pkg-config --cflags --libs weft)"
static="gcc -std=c11 -Wall -Wextra -Werror sw/examples/classify.c $(pkg-config --cflags weft) $work/usr/lib/libweft.a $(pkg-config --libs-only-other --static weft) $(pkg-config --static --libs weft | tr ' ' '\n' | grep -E '^-l' | grep -v -x -e -lweft | tr '\n' ' ')"
check "example builds with libweft.so" $shared -o "$work/shared"
check "example builds with libweft.a" $static -o "$work/static"
check "only the .so example needs libweft.so" says libweft.so ldd "$work/shared"
check "the .a example does not" bash -c "! ldd $work/static | grep libweft"

export LD_LIBRARY_PATH=$work/usr/lib
"$work/shared" "$net" "" "$config" >"$work/empty" 2>&1
check "a missing input is refused" grep -q 'cannot be read' "$work/empty"
size=$("$build/weft" info "$net" | awk '/^inputs/ {i=$2; sub(",","",i)} /INT8/ {shape[$1]=$3} END {n=split(shape[i],d,"x"); p=1; for(k=1;k<=n;k++) p*=d[k]; print p}')
head -c "$size" "$net" >"$work/in.bin"
"$work/shared" "$net" "$work/in.bin" "$config" >"$work/out.so"
"$work/static" "$net" "$work/in.bin" "$config" >"$work/out.a"
check "both give the same result" same "$work/out.so" "$work/out.a"

# What weft itself finds on the same input: the index of the largest output byte, and every counter.
"$build/weft" run "$net" --config "$config" --target model --input "$work/in.bin" --output "$work/y.npy" >/dev/null
best=$(od -An -v -t d1 -w1 -j 128 "$work/y.npy" | awk 'NR==1 || $1>m {m=$1; b=NR-1} END {print b}')
check "it is the class that weft finds" grep -q "^class $best," "$work/out.so"

if [ -e "$build/sim/$config/libweft_rtl.so" ]; then
  check "RTL through the installed .so" bash -c "'$work/shared' '$net' '$work/in.bin' $config rtl >'$work/out.rtl'"
  head -n 1 "$work/out.rtl" >"$work/class.rtl"
  check "RTL: the same class and score" same <(head -n 1 "$work/out.so") "$work/class.rtl"
  check "RTL through the installed weft" says "^DONE " "$work/usr/bin/weft" run "$net" --config "$config" --target rtl
else
  echo "SKIPPED the RTL: $build/sim/$config is not built"
fi
header=$(grep -oE '^WEFT_API .*' "$work/usr/include/weft.h" | grep -oE 'weft_[a-z_]+\(' | tr -d '(' | sort)
exports=$(nm -D --defined-only "$work/usr/lib/libweft.so" | awk '{print $3}' | sort)
check "the .so exports the header's functions and nothing else" \
  diff <(echo "$exports") <(echo "$header")
check "the .a exports them and nothing else" diff <(nm -g --defined-only "$work/usr/lib/libweft.a" | awk 'NF==3 {print $3}' | sort) <(echo "$header")
# A program with functions of the library's inner names, and its own symbols of C++: no clash, no mix-up.
echo '#include <weft.h>
int weft_fail(void) { return 5; }
int weft_validate(void) { return 7; }
int main(void) { weft_msg_t m; return weft_fail() != 5 || weft_validate() != 7 || weft_net_load("", 0, &m) == 0; }' >"$work/own.c"
check "a program may have the library's inner names" gcc -I"$work/usr/include" "$work/own.c" "$work/usr/lib/libweft.a" -lstdc++ -ldl -lm -o "$work/own"
check "and runs" "$work/own"
echo '#include <weft.h>
int main() { weft_msg_t m; return weft_version()[0] == 0 || weft_net_load("", nullptr, &m) != WEFT_E_ARG; }' >"$work/c.cc"
check "the header is C++ too" g++ -Wall -Wextra -Werror "$work/c.cc" $(pkg-config --cflags --libs weft) -o "$work/cc"
check "and runs" "$work/cc"
check "DESTDIR" make -s B="$build" PREFIX=/opt/weft DESTDIR="$work/stage" install
check "DESTDIR: prefix in weft.pc" grep -q '^prefix=/opt/weft$' "$work/stage/opt/weft/lib/pkgconfig/weft.pc"
check "DESTDIR: the program finds its files" says "^DONE " "$work/stage/opt/weft/bin/weft" run "$net" --config "$config" --target model
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
