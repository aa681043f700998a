# SPDX-License-Identifier: Apache-2.0
# Generated specification headers, the importer's schema.

CONFIGS := $(shell grep -o '^C[^, ]*,' docs/spec/configs.def | cut -c3- | tr -d ,)

$(B)/specgen: sw/spec/specgen.c $(wildcard docs/spec/*.def)
	@mkdir -p $(@D)
	$(CC) -std=c11 -O1 -Wall -Wextra -Werror -Idocs/spec $< -o $@

SPEC_VH := $(B)/gen/weft_spec.vh $(CONFIGS:%=$(B)/gen/%/weft_config.vh)
$(B)/gen/weft_spec.vh: $(B)/specgen
	@mkdir -p $(@D)
	$< vh > $@
$(B)/gen/%/weft_config.h: $(B)/specgen
	@mkdir -p $(@D)
	$< config-c $* > $@
$(B)/gen/%/weft_config.vh: $(B)/specgen
	@mkdir -p $(@D)
	$< config $* > $@
$(B)/docs/spec_tables.md: $(B)/specgen
	@mkdir -p $(@D)
	$< md > $@

docs: $(B)/docs/spec_tables.md ## print register, command and configuration tables into build/docs
.PHONY: docs

-include sw/import/rules.mk
-include sw/cli/rules.mk sw/api/rules.mk
-include sw/firmware/rules.mk
