# SPDX-License-Identifier: Apache-2.0
#
# Importer: the FlatBuffers reader and writer code is made from our schema before anything in C++ is compiled.

GEN += $(B)/gen/tflite_generated.h

$(B)/gen/tflite_generated.h: sw/import/tflite.fbs
	@mkdir -p $(@D)
	flatc --cpp -o $(@D) $<
