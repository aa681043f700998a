# SPDX-License-Identifier: Apache-2.0
#
# The program `weft`.

CLI_O := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard sw/cli/*.c)))
$(B)/weft: $(CLI_O) $(B)/libweft.a
	$(CXX) -o $@ $^ -lz -ldl -lm
weft: $(B)/weft ## build build/weft: compile, run and inspect networks
.PHONY: weft

energy: $(B)/weft ## energy of AlexNet and MobileNetV1 by layer and level, other schedules beside it; writes docs/energy.md and its plots
	@$(B)/weft energy --page docs/energy.md
.PHONY: energy
