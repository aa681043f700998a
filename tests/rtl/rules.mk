# SPDX-License-Identifier: Apache-2.0
# Programs that drive the Verilated RTL directly, without the compiler.

$(B)/tests/rtl/%: $(B)/obj/tests/rtl/%.o $(HELPERS_O) $(B)/libweft.a
	@mkdir -p $(@D)
	$(CXX) -o $@ $^ -lcmocka -lz -ldl -lm
.PRECIOUS: $(B)/obj/tests/rtl/%.o
RTL_TESTS := $(patsubst tests/rtl/%.c,$(B)/tests/rtl/%,$(wildcard tests/rtl/*.c))

LANE_CONFIGS := $(if $(filter command line,$(origin CONFIG)),$(CONFIG),weft144 weft672)
bench-lanes: ## print how near to the lanes' or the bus's limit operators of the lanes run on the RTL (OP= CONFIG=)
	@sw/setup/need.sh build sim test
	@+$(MAKE) --no-print-directory -j2 $(B)/tests/rtl/bench_lanes $(LANE_CONFIGS:%=$(B)/sim/%/libweft_rtl.so)
	@WEFT_SIM_DIR=$(B)/sim $(B)/tests/rtl/bench_lanes $(LANE_CONFIGS) $(if $(OP),only='$(OP)')
.PHONY: bench-lanes
