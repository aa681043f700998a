# SPDX-License-Identifier: Apache-2.0
# Test benches of single RTL parts. The post-processing unit: every (columns, PPU lanes) that a configuration has.

PPU_SHAPES := $(shell sed -n 's/^C.[^,]*, *[0-9]*, *\([0-9]*\), *[0-9]*, *[0-9]*, *[0-9]*, *\([0-9]*\),.*/\1x\2/p' docs/spec/configs.def | sort -u)
PPU_RUNS   := 60
PPU_V      := $(wildcard rtl/vector/*.v rtl/lib/*.v)

$(B)/unit/ppu_%/Vppu: sim/unit/tb_ppu.cpp $(PPU_V) $(B)/gen/weft_spec.vh docs/spec/commands.def
	@mkdir -p $(@D)
	$(VERILATOR) --cc --exe --build -j 2 -O3 --assert -DWEFT_ASSERT -GCOLS=$(word 1,$(subst x, ,$*)) -GPPU_LANES=$(word 2,$(subst x, ,$*)) \
	  --top-module ppu -Mdir $(@D) -I$(B)/gen -CFLAGS "-std=c++17 -O2 -Wall -Wextra -Werror -DCOLS=$(word 1,$(subst x, ,$*)) -DLANES=$(word 2,$(subst x, ,$*)) -I$(CURDIR)/docs/spec" \
	  $(PPU_V) $(CURDIR)/sim/unit/tb_ppu.cpp > $(@D)/build.log 2>&1 || { tail -20 $(@D)/build.log; exit 1; }

unit-ppu: $(PPU_SHAPES:%=$(B)/unit/ppu_%/Vppu) ## random tests of the lanes, collector and vector engine alone (SEED=)
	@for t in $^; do $$t $(PPU_RUNS) $(or $(SEED),1) || exit 1; done
.PHONY: unit-ppu
