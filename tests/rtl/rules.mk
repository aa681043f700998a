# SPDX-License-Identifier: Apache-2.0
# Programs that drive the Verilated RTL directly, without the compiler.

$(B)/tests/rtl/%: $(B)/obj/tests/rtl/%.o $(HELPERS_O) $(B)/libweft.a
	@mkdir -p $(@D)
	$(CXX) -o $@ $^ -lcmocka -lz -ldl -lm
.PRECIOUS: $(B)/obj/tests/rtl/%.o
RTL_TESTS := $(patsubst tests/rtl/%.c,$(B)/tests/rtl/%,$(wildcard tests/rtl/*.c))
