# SPDX-License-Identifier: Apache-2.0
#
# The program `weft`.

CLI_O := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard sw/cli/*.c)))
$(B)/weft: $(CLI_O) $(B)/libweft.a
	$(CXX) -o $@ $^ -lz -ldl -lm
weft: $(B)/weft ## build build/weft: compile, run and inspect networks
.PHONY: weft
