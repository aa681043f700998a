# SPDX-License-Identifier: Apache-2.0
# The SystemC virtual platform, one program per configuration: build/platform/<config>/weft_platform (with waves: <config>-trace/).

PLATFORM_CC := $(filter-out sim/platform/rtl_core.cc,$(sort $(wildcard sim/platform/*.cc)))
PLATFORM_O  := $(PLATFORM_CC:%.cc=$(B)/obj/%.o) $(B)/obj/sim/platform/firmware.o
PLATFORM_INC = -Isim -Isim/platform -I$(B)/platform

# The system's address map for C: one line of soc_map.vh, one #define.
$(B)/platform/soc_map.h: sim/soc/soc_map.vh
	@mkdir -p $(@D)
	sed -n "s/^.define \(SOC_[A-Z_]*\) *32'h\([0-9a-f]*\).*/#define \1 0x\2u/p" $< > $@
PLATFORM_TEST_O := $(filter-out $(B)/obj/sim/platform/main.o,$(PLATFORM_O)) $(B)/obj/tests/platform/test_platform.o
$(PLATFORM_O): CFLAGS += $(PLATFORM_INC)
$(PLATFORM_O) $(B)/obj/tests/platform/test_platform.o: CXXFLAGS += $(PLATFORM_INC)
$(PLATFORM_O) $(B)/obj/tests/platform/test_platform.o: $(B)/platform/soc_map.h

# $(call platform_program,directory suffix,yes when traced)
define platform_program
$(B)/platform/%$(1)/rtl_core.o: sim/platform/rtl_core.cc sim/platform/rtl_core.h sim/axi_memory.h sim/axi_pins.h $(B)/sim/%$(1)/Vweft__ALL.a $(B)/gen/%/weft_config.h
	@mkdir -p $$(@D)
	$(CXX) $(SIM_CXX) -DVM_TRACE=$(if $(2),1,0) -DPLATFORM_CONFIG='"$$*"' -I$(B)/sim/$$*$(1) -I$(B)/gen/$$* -c $$< -o $$@
$(B)/platform/%$(1)/weft_platform: $(PLATFORM_O) $(B)/platform/%$(1)/rtl_core.o $(B)/libweft.a
	$(CXX) -o $$@ $$^ $(B)/sim/$$*$(1)/Vweft__ALL.a $(B)/sim/$$*$(1)/verilated*.o -lsystemc -lpthread -ldl -lm $(if $(2),-lz)
$(B)/platform/%$(1)/test_platform: $(PLATFORM_TEST_O) $(B)/platform/%$(1)/rtl_core.o $(B)/libweft.a
	$(CXX) -o $$@ $$^ $(B)/sim/$$*$(1)/Vweft__ALL.a $(B)/sim/$$*$(1)/verilated*.o -lsystemc -lpthread -ldl -lm $(if $(2),-lz)
endef
$(eval $(call platform_program,,))
$(eval $(call platform_program,-trace,yes))
# What `make test` runs of it.
PLATFORM_TESTS := $(B)/platform/tiny/weft_platform $(B)/platform/tiny/test_platform

PLATFORM := $(B)/platform/$(CONFIG)$(if $(TRACE),-trace)/weft_platform
platform: ## run networks on the SystemC virtual platform, machine model and RTL (MODEL= CONFIG= TRACE=1 FORM=model|rtl)
	@sw/setup/need.sh build sim platform
	@+$(MAKE) --no-print-directory -j2 $(PLATFORM)
	@SYSTEMC_DISABLE_COPYRIGHT_MESSAGE=1 $(PLATFORM) $(or $(MODEL),$(SHIPPED)) $(if $(FORM),--form $(FORM)) $(if $(TRACE),--trace $(B)/platform.fst)
.PHONY: platform
