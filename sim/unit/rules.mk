# SPDX-License-Identifier: Apache-2.0
# Test benches of single RTL parts: the array in several configurations, the post-processing unit in every shape.

ARRAY_CONFIGS ?= tiny weft144 weft168 weft384    # every number of lanes, both networks
ARRAY_V    := $(wildcard rtl/array/*.v rtl/noc/*.v rtl/lib/*.v)
array_par   = $(shell sed -n 's/^.define WEFT_\(ROWS\|COLS\|LANES\|FSPAD_BYTES\|NET_BYTES\) \([0-9]*\)$$/-G\1=\2/p' $(B)/gen/$(1)/weft_config.vh)

$(B)/unit/array_%/tb_array: sim/unit/tb_array.cpp sim/unit/tb_array_perf.h cmodel/spec.c $(ARRAY_V) $(B)/gen/weft_spec.vh $(B)/gen/%/weft_config.vh
	@mkdir -p $(@D)
	@echo "verilator: $@"
	@$(CC) -std=c11 -O1 $(INC) -c cmodel/spec.c -o $(@D)/spec.o
	@$(VERILATOR) --cc --exe --build -j 2 -O3 --x-assign unique --x-initial unique --assert -DWEFT_ASSERT $(call array_par,$*) --top-module array_engine \
	  -Mdir $(@D) -I$(B)/gen -CFLAGS "-std=c++17 -O2 -Wall -DCONFIG='\"$*\"' -I$(CURDIR)/sw/include -I$(CURDIR)/docs/spec" -MAKEFLAGS "OPT_FAST=-O2" \
	  $(ARRAY_V) $(CURDIR)/sim/unit/tb_array.cpp $(abspath $(@D))/spec.o -o tb_array > $(@D)/build.log 2>&1 || { tail -20 $(@D)/build.log; exit 1; }

unit-array: $(ARRAY_CONFIGS:%=$(B)/unit/array_%/tb_array) ## random CONV commands on the array alone, every psum (N= batches, SEED=, ARRAY_CONFIGS=)
	@for t in $^; do $$t batches=$(or $(N),40) seed=$(or $(SEED),1) || exit 1; done
bench-array: $(ARRAY_CONFIGS:%=$(B)/unit/array_%/tb_array) ## print the array's issue utilisation on fixed shapes
	@for t in $^; do echo "$$t"; $$t perf || exit 1; done
.PHONY: unit-array bench-array

PPU_SHAPES := $(shell sed -n 's/^C.[^,]*, *[0-9]*, *\([0-9]*\), *[0-9]*, *[0-9]*, *[0-9]*, *\([0-9]*\),.*/\1x\2/p' docs/spec/configs.def | sort -u)
PPU_RUNS   := 60
PPU_V      := $(wildcard rtl/vector/*.v rtl/lib/*.v)

$(B)/unit/ppu_%/Vppu: sim/unit/tb_ppu.cpp sim/unit/tb_ppu_vec.h $(PPU_V) $(B)/gen/weft_spec.vh docs/spec/commands.def
	@mkdir -p $(@D)
	$(VERILATOR) --cc --exe --build -j 2 -O3 --assert -DWEFT_ASSERT -GCOLS=$(word 1,$(subst x, ,$*)) -GPPU_LANES=$(word 2,$(subst x, ,$*)) \
	  --top-module ppu -Mdir $(@D) -I$(B)/gen -CFLAGS "-std=c++17 -O2 -Wall -Wextra -Werror -DCOLS=$(word 1,$(subst x, ,$*)) -DLANES=$(word 2,$(subst x, ,$*)) -I$(CURDIR)/docs/spec" \
	  $(PPU_V) $(CURDIR)/sim/unit/tb_ppu.cpp > $(@D)/build.log 2>&1 || { tail -20 $(@D)/build.log; exit 1; }

unit-ppu: $(PPU_SHAPES:%=$(B)/unit/ppu_%/Vppu) ## random tests of the lanes, collector and vector engine alone (SEED=)
	@for t in $^; do $$t $(PPU_RUNS) $(or $(SEED),1) || exit 1; done
.PHONY: unit-ppu
