# SPDX-License-Identifier: Apache-2.0
# Firmware for the RISC-V system, the host tool that packs networks for it, and both run on the simulated system.

-include sim/soc/rules.mk

RV       := riscv64-unknown-elf-
RV_FLAGS := --specs=picolibc.specs -march=rv32im -mabi=ilp32 -std=c11 -Os -msave-restore -Wall -Wextra -Werror -ffunction-sections -fdata-sections \
  -MMD -MP
FW_INC   := -Icmodel -Isw/include -Isw -Isw/driver -Idocs/spec -I$(B)/soc
# Bytes of code and static data that the two builds may take.
FW_LIMIT_small := 65536
FW_LIMIT_full  := 196608
# The one driver, and names of errors and counters; the golden operators only in `full`.
FW_C_small := $(sort $(wildcard sw/firmware/*.c)) $(wildcard sw/driver/weft_*.c) \
  $(addprefix cmodel/,spec.c graph.c validate.c footprint.c hull.c legal.c legal_vec.c vec_program.c conv_shape.c)
FW_C_small := $(filter-out sw/firmware/pack%,$(FW_C_small))
FW_C_full  := $(sort $(FW_C_small) $(wildcard cmodel/*.c cmodel/ops/*.c))

$(B)/soc/soc_map.h: sim/soc/soc_map.vh
	@mkdir -p $(@D)
	@sed -n 's/^.define \(SOC_[A-Z_]*\) *32.h\([0-9a-f]*\).*/#define \1 0x\2/p' $< > $@

# $(call firmware,variant,1 with golden operators)
define firmware
$(B)/firmware/$(1)/%.o: %.c $(B)/soc/soc_map.h
	@mkdir -p $$(@D)
	@$(RV)gcc $(RV_FLAGS) $(FW_INC) -DWEFT_FW_GOLDEN=$(2) -c $$< -o $$@
$(B)/firmware/$(1)/%.o: %.S $(B)/soc/soc_map.h
	@mkdir -p $$(@D)
	@$(RV)gcc -march=rv32im -mabi=ilp32 $(FW_INC) -c $$< -o $$@
$(B)/firmware/$(1).elf: sw/firmware/fw.ld $(patsubst %.c,$(B)/firmware/$(1)/%.o,$(FW_C_$(1))) $(B)/firmware/$(1)/sw/firmware/start.o
	@$(RV)gcc $(RV_FLAGS) -nostartfiles -T sw/firmware/fw.ld -Wl,--gc-sections,--no-warn-rwx-segments,-Map=$(B)/firmware/$(1).map,--defsym=RAM_BYTES=$$$$(sed -n 's/.*SOC_RAM_BYTES //p' $(B)/soc/soc_map.h) -o $$@ $$(filter %.o,$$^) -lm
endef
$(eval $(call firmware,small,0))
$(eval $(call firmware,full,1))
$(B)/firmware/%.hex: $(B)/firmware/%.elf
	@$(RV)objcopy -O verilog --verilog-data-width=4 $< $@
-include $(shell find $(B)/firmware -name '*.d' 2>/dev/null)

firmware: ## build the firmware with and without golden operators; print their sizes, fail when they exceed the limits
	@sw/setup/need.sh build firmware
	@+$(MAKE) --no-print-directory -j2 $(B)/firmware/small.elf $(B)/firmware/full.elf $(B)/firmware/small.hex $(B)/firmware/full.hex
	@sw/firmware/size.sh $(RV)size $(B)/firmware/small.elf $(FW_LIMIT_small) $(B)/firmware/full.elf $(FW_LIMIT_full)

# ---- host tool
$(B)/weft-pack: $(B)/obj/sw/firmware/pack.o $(B)/obj/sw/firmware/pack_image.o $(B)/obj/sw/cli/inout.o $(B)/libweft.a
	$(CXX) -o $@ $^ -lz -ldl -lm

# ---- run: MODEL= CONFIG= SEED= TRACE=1 RUNS= PTY=1 GOLDEN=0 (firmware without golden operators)
FW_CONFIG := $(if $(filter command line environment,$(origin CONFIG)),$(CONFIG),weft144)
FW_MODEL  := $(or $(MODEL),tests/networks/fmnist_dscnn.tflite)
FW_RUN    := $(B)/firmware/run/$(FW_CONFIG)
FW_HEX    := $(B)/firmware/$(if $(filter 0,$(GOLDEN)),small,full).hex
FW_SIM    := $(B)/soc/$(FW_CONFIG)$(if $(TRACE),-trace)/weft_soc
firmware-sim: ## run a network by firmware on the simulated RISC-V system with the RTL, compare outputs (MODEL= CONFIG= SEED= PTY=1 TRACE=1)
	@sw/setup/need.sh build sim firmware
	@+$(MAKE) --no-print-directory -j2 $(B)/weft-pack $(FW_SIM) $(FW_HEX)
	@mkdir -p $(FW_RUN)
	@$(B)/weft-pack $(FW_MODEL) $(FW_CONFIG) $(FW_RUN) $(or $(SEED),1)
	@$(FW_SIM) --firmware $(FW_HEX) --image $(FW_RUN)/image.bin --input $(FW_RUN)/input.bin $(if $(PTY),--pty,--expect $(FW_RUN)/expected.txt) \
	  $(if $(SEED),--seed $(SEED)) $(if $(RUNS),--runs $(RUNS)) $(if $(TRACE),--trace $(B)/soc_$(FW_CONFIG).fst)
firmware-test: ## tests of the firmware on the simulated system (CONFIG=, QUICK=1: only results and the serial protocol)
	@sw/setup/need.sh build sim firmware
	@+$(MAKE) --no-print-directory -j2 firmware-test-build > $(B)/firmware-build.log 2>&1 || { cat $(B)/firmware-build.log; exit 1; }
	@B=$(B) LIMIT_SMALL=$(FW_LIMIT_small) LIMIT_FULL=$(FW_LIMIT_full) tests/firmware/run.sh $(FW_CONFIG) $(TINY_MODELS) $(if $(QUICK),quick)

firmware-test-build: $(B)/weft-pack $(B)/soc/$(FW_CONFIG)/weft_soc $(B)/firmware/small.hex $(B)/firmware/full.hex $(B)/firmware/spoil $(B)/firmware/serial_host $(B)/firmware/test_image
.PHONY: firmware firmware-sim firmware-test firmware-test-build
$(B)/firmware/spoil $(B)/firmware/serial_host: $(B)/firmware/%: tests/firmware/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INC) -Isw/firmware -o $@ $(filter %.c,$^)
$(B)/firmware/spoil: cmodel/spec.c sw/firmware/netimage.h
# Firmware's loader on the host with everything that it calls, under the sanitizers.
FW_HOST_C := tests/firmware/test_image.c sw/firmware/fwnet.c sw/firmware/fwnet_run.c $(wildcard sw/driver/weft_*.c) sw/driver/target.c \
  sw/driver/target_model.c sw/driver/target_rtl.c $(wildcard cmodel/*.c cmodel/ops/*.c cmodel/machine/*.c)
$(B)/firmware/test_image: $(FW_HOST_C) $(wildcard sw/firmware/*.h cmodel/*.h cmodel/*/*.h)
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP -fPIC,$(CFLAGS)) -O1 -Wno-format-truncation -fsanitize=address,undefined -fno-sanitize-recover=all $(INC) -Isw/firmware -o $@ $(FW_HOST_C) -ldl -lm
