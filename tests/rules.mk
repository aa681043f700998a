# SPDX-License-Identifier: Apache-2.0
# make test, make sim and the oracles' Python environment.

MODEL ?=
SEED  ?=
N     ?=
PY    := $(B)/venv/bin/python
SHIPPED := $(sort $(wildcard tests/networks/*.tflite))
TINY_MODELS := ../shared/models
WEFT  := $(B)/weft

# ---- unit tests: one program per tests/test_<part>.c, with the helpers that tests share
UNIT   := $(patsubst tests/%.c,$(B)/tests/%,$(sort $(wildcard tests/test_*.c)))
HELPERS := $(filter-out tests/test_% tests/fuzz_% %_main.c,$(wildcard tests/*.c tests/*.cc))
HELPERS_O := $(patsubst %,$(B)/obj/%.o,$(basename $(HELPERS)))
$(B)/tests/test_%: $(B)/obj/tests/test_%.o $(HELPERS_O) $(B)/libweft.a
	@mkdir -p $(@D)
	$(CXX) -o $@ $^ -lcmocka -lz -ldl -lm
.PRECIOUS: $(B)/obj/tests/test_%.o
unit: $(UNIT) ## build and run the C unit tests
	@for t in $(UNIT); do echo "$${t##*/}|$$t"; done | tests/run.sh $(B)/test-logs
.PHONY: unit

# ---- Python environment with the two oracles, pinned
$(PY): tests/conformance/requirements.txt
	python3 -m venv $(B)/venv
	$(B)/venv/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@
venv: $(PY)
.PHONY: venv

-include tests/conformance/rules.mk tests/rtl/rules.mk

# ---- simulation
need-%:
	@sw/setup/need.sh $(subst -, ,$*)
.PHONY: need-%

ifdef MODEL
SIM_NETS := $(MODEL)
else
SIM_NETS := $(SHIPPED) --fmnist 16
endif
sim: ## run networks on the Verilated RTL, every layer against the golden model (MODEL= CONFIG= SEED= TRACE=1)
	@sw/setup/need.sh build sim
	@+$(MAKE) --no-print-directory -j2 $(WEFT) sim-lib
	@$(WEFT) run $(SIM_NETS) --config $(CONFIG) --target rtl --check $(if $(SEED),--seed $(SEED)) $(if $(TRACE),--trace $(B)/$(CONFIG).fst)
sim-random: ## random layers and every operator, RTL against model (N=300 layers, N/10 models an operator; SEED=1 CONFIG= for one configuration)
	@sw/setup/need.sh build sim test
	@+$(MAKE) --no-print-directory -j2 sim-random-run
# The compiler's own random layers reach its corners; the conformance cases have every operator, N/10 models of each and at least 4.
RANDOM_CONFIGS := $(if $(filter command line,$(origin CONFIG)),$(CONFIG),tiny weft144 weft672)
sim-random-run: $(WEFT) $(B)/libweft_golden.so $(B)/libweft.so $(PY) $(RANDOM_CONFIGS:%=$(B)/sim/%/libweft_rtl.so)
	@n=$$(($(or $(N),300) / 10)); for c in $(RANDOM_CONFIGS); do \
	  $(WEFT) random --config $$c --target rtl --n $(or $(N),300) --seed $(or $(SEED),1) || exit 1; \
	  $(MAKE) -s conformance-device CONFIG=$$c TARGET=rtl N=$$((n > 4 ? n : 4)) SEED=$(or $(SEED),1) || exit 1; done
bench-sim: ## print cycles_per_s of the RTL simulation of weft672, one thread
	@sw/setup/need.sh build sim
	@+$(MAKE) --no-print-directory -j2 $(WEFT) sim-lib
	@$(WEFT) run $(or $(MODEL),$(firstword $(filter %resnet.tflite,$(SHIPPED)))) --config $(CONFIG) --target rtl --speed
BENCH_CONFIGS := $(sort $(shell awk -F'[", ]+' '/^B/ {print $$3}' sw/cli/bench.def))
bench: ## measure all networks of docs/performance.md on the RTL and write that page (QUICK=1: within minutes; LAYERS=1: tables of layers)
	@sw/setup/need.sh build sim
	@+$(MAKE) --no-print-directory -j2 bench-run
bench-run: $(WEFT) $(BENCH_CONFIGS:%=$(B)/sim/%/libweft_rtl.so)
	@$(WEFT) bench --csv $(B)/bench.csv --page $(if $(QUICK),$(B)/performance.md --quick,docs/performance.md) --models $(TINY_MODELS) $(if $(LAYERS),--layers)
.PHONY: sim sim-random sim-random-run bench-sim bench bench-run

# ---- everything; tests/checks.txt is the list
test: ## run every check; the last line counts passed, failed, skipped
	@sw/setup/need.sh build sim test platform firmware
	@+$(MAKE) --no-print-directory -j2 test-build
	@B=$(B) MODELS=$(TINY_MODELS) WEFT_SIM_DIR=$(B)/sim tests/run.sh $(B)/test-logs < tests/checks.txt
test-build: $(PY) $(WEFT) $(B)/libweft_golden.so $(UNIT) $(RTL_TESTS) $(RTL_CONFIGS:%=$(B)/sim/%/libweft_rtl.so) $(UNIT_BENCHES) $(B)/libweft.so $(PLATFORM_TESTS)
.PHONY: test test-build
