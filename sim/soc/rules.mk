# SPDX-License-Identifier: Apache-2.0
# The system in simulation: one program per configuration, build/soc/<config>/weft_soc (with waves: build/soc/<config>-trace/).

SOC_V   := sim/soc/weft_soc.v sim/soc/lite_bridge.v sim/soc/peripherals.v
SOC_CC  := sim/soc/soc.cc sim/soc/uart_host.cc sim/soc/firmware_run.cc sim/axi_memory.cc
SOC_VENV := $(B)/venv/.picorv32
# The processor's folder, asked of the package that brings it.
picorv32 = $$($(B)/venv/bin/python -c 'import pythondata_cpu_picorv32 as p; print(p.data_location)')/picorv32.v

$(SOC_VENV): sim/soc/requirements.txt
	@[ -x $(B)/venv/bin/pip ] || python3 -m venv $(B)/venv
	$(B)/venv/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

# $(call soc_program,directory suffix,verilator flags,yes when traced)
define soc_program
$(B)/soc/%$(1)/Vweft_soc.mk: $(SOC_V) sim/soc/soc_map.vh sim/soc/soc.vlt $(RTL_V) rtl/rtl.f $(B)/gen/weft_spec.vh $(B)/gen/%/weft_config.vh $(SOC_VENV)
	@mkdir -p $$(@D)
	@echo "verilator: system with $$*$(1)"
	$(VERILATOR) --cc --top-module weft_soc --prefix Vweft_soc -Mdir $$(@D) -Isim/soc -I$(B)/gen -I$(B)/gen/$$* -Wno-TIMESCALEMOD sim/soc/soc.vlt $(SOC_V) $$(picorv32) -f rtl/rtl.f -O3 --x-assign fast --x-initial unique --noassert $(2)
$(B)/soc/%$(1)/Vweft_soc__ALL.a: $(B)/soc/%$(1)/Vweft_soc.mk
	+$(MAKE) -s -C $$(@D) -f Vweft_soc.mk -j 2 OPT_FAST="-O3" OPT_SLOW="-O1" Vweft_soc__ALL.a verilated.o verilated_threads.o $(if $(3),verilated_fst_c.o)
$(B)/soc/%$(1)/weft_soc: $(B)/soc/%$(1)/Vweft_soc__ALL.a $(SOC_CC) $(wildcard sim/soc/*.h sim/axi_*.h) sw/firmware/mailbox.h $(B)/gen/%/weft_config.h
	$(CXX) $(SIM_CXX) -Isw/firmware -DVM_TRACE=$(if $(3),1,0) -I$$(@D) -I$(B)/gen/$$* -o $$@ $(SOC_CC) $$(@D)/Vweft_soc__ALL.a $$(@D)/verilated*.o -lpthread $(if $(3),-lz)
endef
$(eval $(call soc_program,,,))
$(eval $(call soc_program,-trace,--trace-fst --trace-structs,yes))
.PRECIOUS: $(B)/soc/%/Vweft_soc.mk $(B)/soc/%/Vweft_soc__ALL.a $(B)/soc/%/weft_soc

lint-soc: $(SOC_VENV) $(B)/gen/weft_spec.vh $(B)/gen/tiny/weft_config.vh ## lint the simulated system around Weft
	@$(VERILATOR) --lint-only -Wall -Wno-TIMESCALEMOD -Isim/soc -I$(B)/gen -I$(B)/gen/tiny --top-module weft_soc sim/soc/soc.vlt $(SOC_V) $(picorv32) -f rtl/rtl.f
	@echo "lint: system: clean"
.PHONY: lint-soc
