# SPDX-License-Identifier: Apache-2.0
#
# Conformance: golden operators against LiteRT 1.2.0's reference kernels and TFLM. PY is the Python that has them.

PY ?= $(B)/venv/bin/python

# Importer and golden model behind a flat C interface, for ctypes. Only the objects that it needs leave the archive.
$(B)/libweft_golden.so: $(B)/obj/tests/conformance/golden_capi.o $(B)/libweft.a
	$(CXX) -shared -o $@ $^ -lm

CONFORMANCE = @WEFT_GOLDEN_LIB=$(B)/libweft_golden.so N='$(N)' IMAGES='$(IMAGES)' SEED='$(SEED)' OP='$(OP)' CASE='$(CASE)' MODEL='$(MODEL)' \
              $(PY) -B tests/conformance/conformance.py

.PHONY: conformance conformance-operators conformance-networks conformance-top1
conformance: $(B)/libweft_golden.so $(PY) ## compare the golden model with LiteRT and TFLM (N= SEED= OP= CASE= MODEL= IMAGES=)
	$(CONFORMANCE)
conformance-operators conformance-networks conformance-top1: conformance-%: $(B)/libweft_golden.so $(PY)
	$(CONFORMANCE) $*

bench-golden: $(B)/libweft_golden.so $(PY) ## the golden model's time beside LiteRT's reference kernels (N= runs)
	$(CONFORMANCE) speed
.PHONY: bench-golden

# The same cases through compiler and device. The RTL's library is built first when it is asked for.
DEVICE_CONFIG := $(if $(filter command line environment,$(origin CONFIG)),$(CONFIG),tiny)
conformance-device: $(B)/libweft_golden.so $(B)/libweft.so $(PY) $(if $(filter rtl,$(TARGET)),$(B)/sim/$(DEVICE_CONFIG)/libweft_rtl.so) ## random one-operator models on the device against the golden operators (N= SEED= OP= CASE= CONFIG= TARGET=rtl)
	@WEFT_GOLDEN_LIB=$(B)/libweft_golden.so WEFT_LIB=$(B)/libweft.so WEFT_SIM_DIR=$(B)/sim N='$(N)' SEED='$(SEED)' OP='$(OP)' CASE='$(CASE)' \
	  CONFIG='$(DEVICE_CONFIG)' TARGET='$(TARGET)' $(PY) -B tests/conformance/conformance.py device
.PHONY: conformance-device
