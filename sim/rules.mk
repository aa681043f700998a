# SPDX-License-Identifier: Apache-2.0
# The Verilated device, one shared library per configuration; rebuilt only when RTL, harness or specification changed.

CONFIG ?= weft672
TRACE  ?=
VERILATOR ?= verilator
VINC    = $(shell $(VERILATOR) --getenv VERILATOR_ROOT 2>/dev/null)/include
RTL_V   = $(shell grep -v '^\#' rtl/rtl.f 2>/dev/null)
SIM_CXX  = -std=c++17 -O3 -fPIC -Isim -Isw/include -Idocs/spec -isystem $(VINC) -isystem $(VINC)/vltstd

# Inside the library the model's functions call each other directly: nothing of it is seen or replaced from outside.
SIM_LOCAL = -fPIC -fvisibility=hidden -fno-semantic-interposition -fno-plt

# $(call sim_so,directory suffix,verilator flags,compiler flags)
define sim_so
$(B)/sim/%$(1)/Vweft.mk: $(RTL_V) rtl/rtl.f $(B)/gen/weft_spec.vh $(B)/gen/%/weft_config.vh
	@mkdir -p $$(@D)
	@echo "verilator: $$*$(1)"
	$(VERILATOR) --cc --top-module weft --prefix Vweft -Mdir $$(@D) -I$(B)/gen -I$(B)/gen/$$* -f rtl/rtl.f -O3 --x-assign fast --x-initial unique --noassert $(2) -CFLAGS "$(SIM_LOCAL)"
$(B)/sim/%$(1)/Vweft__ALL.a: $(B)/sim/%$(1)/Vweft.mk
	+$(MAKE) -s -C $$(@D) -f Vweft.mk -j 2 OPT_FAST="-O3" OPT_SLOW="-O1" Vweft__ALL.a verilated.o verilated_threads.o $(if $(3),verilated_fst_c.o)
$(B)/sim/%$(1)/libweft_rtl.so: $(B)/sim/%$(1)/Vweft__ALL.a sim/rtl_device.cc sim/axi_memory.cc sim/axi_memory.h sim/axi_pins.h sim/device.h $(B)/gen/%/weft_config.h
	$(CXX) $(SIM_CXX) -DVM_TRACE=$(if $(3),1,0) -I$$(@D) -I$(B)/gen/$$* -shared -o $$@ sim/rtl_device.cc sim/axi_memory.cc $$(@D)/Vweft__ALL.a $$(@D)/verilated*.o -lpthread $(if $(3),-lz)
endef
$(eval $(call sim_so,,,))
$(eval $(call sim_so,-trace,--trace-fst --trace-structs,yes))
.PRECIOUS: $(B)/sim/%/Vweft.mk $(B)/sim/%/Vweft__ALL.a $(B)/sim/%/libweft_rtl.so

sim-lib: $(B)/sim/$(CONFIG)/libweft_rtl.so $(if $(TRACE),$(B)/sim/$(CONFIG)-trace/libweft_rtl.so) ## build the Verilated device (CONFIG=, TRACE=1)
.PHONY: sim-lib

-include sim/unit/rules.mk sim/platform/rules.mk
