# SPDX-License-Identifier: Apache-2.0
# The SystemC virtual platform, one program per configuration: build/platform/<config>/weft_platform (with waves: <config>-trace/).

PLATFORM_CC := $(filter-out sim/platform/rtl_core.cc,$(sort $(wildcard sim/platform/*.cc))) sim/soc/firmware_run.cc
# The firmware's own sources, but for what only the RISC-V core needs.
PLATFORM_FW := $(filter-out sw/firmware/hw_picorv32.c sw/firmware/format.c sw/firmware/mem.c sw/firmware/pack.c,$(sort $(wildcard sw/firmware/*.c)))
PLATFORM_FW_O := $(PLATFORM_FW:sw/firmware/%.c=$(B)/platform/firmware/%.o)
PLATFORM_O  := $(PLATFORM_CC:%.cc=$(B)/obj/%.o) $(PLATFORM_FW_O)
PLATFORM_INC = -Isim -Isim/platform -Isim/soc -Isw/firmware -I$(B)/soc

$(B)/platform/firmware/%.o: sw/firmware/%.c $(B)/soc/soc_map.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INC) $(PLATFORM_INC) -Dmain=firmware_main -c $< -o $@
-include $(PLATFORM_FW_O:.o=.d)
PLATFORM_TEST_O := $(filter-out $(B)/obj/sim/platform/main.o,$(PLATFORM_O)) $(B)/obj/tests/platform/test_platform.o
$(PLATFORM_O) $(B)/obj/tests/platform/test_platform.o: CXXFLAGS += $(PLATFORM_INC)
$(PLATFORM_O) $(B)/obj/tests/platform/test_platform.o: $(B)/soc/soc_map.h

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
