# SPDX-License-Identifier: Apache-2.0
#
# Weft: the only entry point. `make` alone prints help. Every folder adds its rules in a rules.mk.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash

B       := build
CC      := gcc
CXX     := g++
CFLAGS  := -std=c11 -O2 -g -Wall -Wextra -Werror -D_POSIX_C_SOURCE=200809L -fPIC -MMD -MP
CXXFLAGS:= -std=c++17 -O2 -g -Wall -Wextra -Werror -fPIC -MMD -MP
INC     := -Icmodel -Isw/include -Isw -Idocs/spec -Itests -I$(B)/gen

# Everything but the programs' own main files goes into one library.
LIB_C   := $(sort $(wildcard cmodel/*.c cmodel/ops/*.c cmodel/machine/*.c cmodel/energy/*.c sw/driver/*.c sw/compiler/*.c sw/import/*.c sw/api/*.c sw/zoo/*.c))
LIB_CC  := $(sort $(wildcard sw/import/*.cc))
LIB_O   := $(LIB_C:%.c=$(B)/obj/%.o) $(LIB_CC:%.cc=$(B)/obj/%.o)

include $(sort $(wildcard cmodel/rules.mk sw/rules.mk sim/rules.mk tests/rules.mk rtl/rules.mk docs/rules.mk fpga/rules.mk))

$(B)/obj/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(INC) -c $< -o $@

$(B)/obj/%.o: %.cc | $(GEN)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) $(INC) -c $< -o $@

# The inner loops of the machine model and of the golden operators need the vectoriser: -O2 is 2 to 5 times slower.
$(B)/obj/cmodel/machine/%.o $(B)/obj/cmodel/ops/%.o $(B)/obj/cmodel/energy/%.o: CFLAGS += -O3

$(B)/libweft.a: $(LIB_O)
	@rm -f $@
	ar rcs $@ $^

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

.PHONY: help clean
help: ## print this help
	@echo "Weft, an open row-stationary NPU. Verbs:"
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z0-9-]+):.*## (.*)/\1\t\2/' | awk -F'\t' '{printf "  make %-19s %s\n", $$1, $$2}'

clean: ## remove build/
	rm -rf $(B)
