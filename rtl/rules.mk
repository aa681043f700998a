# SPDX-License-Identifier: Apache-2.0
# Lint, synthesis check and the unit bench of control, DMA and buffer.

VERILATOR   ?= verilator
YOSYS       ?= yosys
RTL_CONFIGS := $(shell grep -o '^C[^, ]*,' docs/spec/configs.def | cut -c3- | tr -d ,)
RTL_HEADERS := $(B)/gen/weft_spec.vh $(RTL_CONFIGS:%=$(B)/gen/%/weft_config.vh)
RTL_SOURCES := $(shell grep -v '^\#' rtl/rtl.f)

lint: $(RTL_HEADERS) ## lint every RTL module alone and in every configuration
	@VERILATOR="$(VERILATOR)" rtl/lint.sh $(B)/gen $(RTL_CONFIGS)

synth-check: $(RTL_HEADERS) ## synthesise PE, lanes, buffer and the tiny configuration for ECP5; print and check the cells
	@YOSYS="$(YOSYS)" rtl/synth_check.sh $(B)/gen $(B)/synth

# C sources that the benches share with the validator.
FIELD_C    := cmodel/legal.c cmodel/legal_vec.c cmodel/vec_program.c cmodel/conv_shape.c cmodel/spec.c cmodel/graph.c
FIELD_O    := $(FIELD_C:cmodel/%.c=$(B)/unit/%.o)
BENCH_INC  := -I$(CURDIR)/sim/unit -I$(CURDIR)/cmodel -I$(CURDIR)/sw/include -I$(CURDIR)/sw/driver -I$(CURDIR)/docs/spec
$(B)/unit/%.o: cmodel/%.c $(wildcard cmodel/*.h docs/spec/*.def)
	@mkdir -p $(@D)
	$(CC) -std=c11 -O1 -D_POSIX_C_SOURCE=200809L $(INC) -c $< -o $@

# The unit bench: the whole top, tiny but for the width of the bus.
DMA_BENCH := $(B)/unit/dma8/tb_dma $(B)/unit/dma16/tb_dma
$(B)/unit/dma%/tb_dma: $(RTL_SOURCES) rtl/rtl.f sim/unit/tb_dma.cpp sim/unit/axi_bench.h sim/unit/draw_fields.h $(FIELD_O) $(B)/gen/weft_spec.vh $(B)/gen/tiny/weft_config.vh
	@mkdir -p $(@D)
	@echo "verilator: $@"
	@$(VERILATOR) --cc --exe --build -j 2 --top-module weft --prefix Vweft -Mdir $(@D) -I$(B)/gen -I$(B)/gen/tiny -GBUS_BYTES=$* -O3 \
	  --x-assign unique --x-initial unique --assert -DWEFT_ASSERT -f rtl/rtl.f -o tb_dma $(CURDIR)/sim/unit/tb_dma.cpp $(abspath $(FIELD_O)) \
	  -CFLAGS "-std=c++17 -O2 -Wall -DWEFT_BUS_BYTES=$* -DWEFT_BUF_WORDS=$$(sed -n 's/^.define WEFT_BUF_WORDS //p' $(B)/gen/tiny/weft_config.vh) $(BENCH_INC)" \
	  > $(@D)/build.log 2>&1 || { cat $(@D)/build.log; exit 1; }

test-dma: $(DMA_BENCH) ## LOAD, STORE, fetch, buffer and error handling against a byte model (N=, SEED=)
	@$(B)/unit/dma8/tb_dma $(or $(N),200) $(or $(SEED),1)
	@$(B)/unit/dma16/tb_dma $(or $(N),200) $(or $(SEED),1)

# The buffer alone: three banks, so that a bank number that does not exist is among the addresses.
$(B)/unit/buffer/tb_buffer: rtl/buffer/buffer.v rtl/buffer/buffer_bank.v rtl/lib/rr_arbiter.v sim/unit/tb_buffer.cpp
	@mkdir -p $(@D)
	@echo "verilator: $@"
	@$(VERILATOR) --cc --exe --build -j 2 --top-module buffer -Mdir $(@D) -GBUF_WORDS=768 -GBANK_WORDS=256 --x-initial unique --assert -DWEFT_ASSERT \
	  rtl/buffer/buffer.v rtl/buffer/buffer_bank.v rtl/lib/rr_arbiter.v $(CURDIR)/sim/unit/tb_buffer.cpp -o tb_buffer \
	  -CFLAGS "-std=c++17 -O2 -DBUF_WORDS=768 -DBANK_WORDS=256" > $(@D)/build.log 2>&1 || { cat $(@D)/build.log; exit 1; }

test-buffer: $(B)/unit/buffer/tb_buffer ## the banked buffer under random traffic (N= cycles, SEED=)
	@$< $(or $(N),200000) $(or $(SEED),1)

# field_check alone, against the validator's rules.
FIELD_CONFIGS := tiny weft168 weft672
field_par      = $(shell sed -n 's/^.define WEFT_\(ROWS\|COLS\|LANES\|FSPAD_BYTES\|NET_BYTES\) \([0-9]*\)$$/-G\1=\2/p' $(B)/gen/$(1)/weft_config.vh)
$(B)/unit/fields-%/tb_fields: rtl/ctrl/field_check.v sim/unit/tb_fields.cpp sim/unit/draw_fields.h $(FIELD_O) $(B)/gen/weft_spec.vh $(B)/gen/%/weft_config.vh
	@mkdir -p $(@D)
	@echo "verilator: $@"
	@$(VERILATOR) --cc --exe --build -j 2 --top-module field_check -Mdir $(@D) -I$(B)/gen $(call field_par,$*) rtl/ctrl/field_check.v \
	  $(CURDIR)/sim/unit/tb_fields.cpp $(abspath $(FIELD_O)) -o tb_fields -CFLAGS "-std=c++17 -O2 $(BENCH_INC)" > $(@D)/build.log 2>&1 || { cat $(@D)/build.log; exit 1; }

test-fields: $(FIELD_CONFIGS:%=$(B)/unit/fields-%/tb_fields) ## the hardware's field check against the validator's rules (N=, SEED=)
	@$(foreach c,$(FIELD_CONFIGS),$(B)/unit/fields-$(c)/tb_fields $(or $(N),100000) $(or $(SEED),1) $(c) &&) true
mutate-fields: $(B)/unit/fields-tiny/tb_fields ## break the field check rule by rule: its test must find every mutant (N=, SEED=, ONLY= part of a name)
	@BUILD='$(VERILATOR) --cc --exe --build -j 2 --top-module field_check -Mdir $$DIR -I$(B)/gen $(call field_par,tiny) $$RTL \
	  $(CURDIR)/sim/unit/tb_fields.cpp $(abspath $(FIELD_O)) -o tb_fields -CFLAGS "-std=c++17 -O1 $(BENCH_INC)" -Wno-fatal' \
	  sim/unit/mutate_fields.sh $(B)/unit/mutants $(or $(N),300000) $(or $(SEED),1) $(ONLY)
.PHONY: lint synth-check test-dma test-buffer test-fields mutate-fields
