# SPDX-License-Identifier: Apache-2.0
#
# Importer: FlatBuffers code from our schema, and the importer's test programs, which need more than tests/rules.mk gives them.

GEN += $(B)/gen/tflite_generated.h

$(B)/gen/tflite_generated.h: sw/import/tflite.fbs sw/import/rules.mk
	@mkdir -p $(@D)
	flatc --cpp --gen-object-api -o $(@D) $<

# Helpers: small networks as data, and images made wrong in one place.
IMPORT_TEST_O := $(B)/obj/tests/importnet.o $(B)/obj/tests/spoil.o
IMPORT_TESTS  := $(patsubst tests/%.c,$(B)/tests/%,$(filter-out tests/test_import_fuzz.c,$(wildcard tests/test_import*.c)))
$(IMPORT_TESTS): $(B)/tests/%: $(B)/obj/tests/%.o $(IMPORT_TEST_O) $(B)/libweft.a
	@mkdir -p $(@D)
	$(CXX) -o $@ $^ -lcmocka -lz -ldl -lm

# Damaged files run in a program of its own in which importer and golden operators are built with the sanitizers, so that
# the smallest wrong read ends the test. Sanitizer objects live under obj-asan/.
SAN      := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
SAN_C    := $(wildcard cmodel/*.c cmodel/ops/*.c sw/import/*.c) tests/importnet.c
SAN_O    := $(SAN_C:%.c=$(B)/obj-asan/%.o) $(patsubst %.cc,$(B)/obj-asan/%.o,$(wildcard sw/import/*.cc))
$(B)/obj-asan/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(SAN) $(INC) -c $< -o $@
$(B)/obj-asan/%.o: %.cc | $(GEN)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(SAN) $(INC) -c $< -o $@
$(B)/tests/test_import_fuzz: $(B)/obj-asan/tests/test_import_fuzz.o $(SAN_O)
	@mkdir -p $(@D)
	$(CXX) $(SAN) -o $@ $^ -lcmocka -ldl -lm
-include $(shell find $(B)/obj-asan -name '*.d' 2>/dev/null)

# Coverage-guided search for crashes, as long as you like: needs Debian packages clang and libclang-rt-14-dev. make fuzz-import FUZZ_S=3600
FUZZ_S   ?= 60
FUZZ_SRC := tests/fuzz_import.c cmodel/graph.c $(wildcard sw/import/*.c)
$(B)/tests/fuzz_import: $(FUZZ_SRC) $(wildcard sw/import/*.cc sw/import/*.h) | $(GEN)
	@mkdir -p $(@D) $(B)/obj-fuzz
	for f in $(FUZZ_SRC); do clang -std=c11 -O1 -g -D_POSIX_C_SOURCE=200809L -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	  $(INC) -c $$f -o $(B)/obj-fuzz/$$(basename $$f).o || exit 1; done
	clang++ -std=c++17 -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(INC) $(wildcard sw/import/*.cc) \
	  $(addprefix $(B)/obj-fuzz/,$(addsuffix .o,$(notdir $(FUZZ_SRC)))) -o $@
fuzz-import: $(B)/tests/fuzz_import ## search for inputs that crash the importer, with libFuzzer (FUZZ_S=60 seconds; needs clang)
	@mkdir -p $(B)/fuzz-corpus
	@cp -n tests/networks/*.tflite $(B)/fuzz-corpus/
	$< -max_total_time=$(FUZZ_S) -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix=$(B)/fuzz- $(B)/fuzz-corpus
.PHONY: fuzz-import
