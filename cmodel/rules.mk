# SPDX-License-Identifier: Apache-2.0
#
# The machine model's own programs: its garbage, validator and driver tests run under the sanitizers (objects of sw/import/rules.mk's obj-asan),
# so that the smallest wrong access on a hostile command list ends the test; and the replay tool of random command lists.

MACHINE_SAN_C := $(wildcard cmodel/*.c cmodel/ops/*.c cmodel/machine/*.c) sw/driver/target_model.c $(wildcard sw/driver/weft_*.c) \
                 $(filter-out %_main.c,$(wildcard tests/rand*.c))
$(B)/tests/test_driver $(B)/tests/test_machine $(B)/tests/test_validate $(B)/tests/test_validate_vec $(B)/tests/test_validate_random: $(B)/tests/%: $(B)/obj-asan/tests/%.o $(MACHINE_SAN_C:%.c=$(B)/obj-asan/%.o)
	@mkdir -p $(@D)
	$(CC) $(SAN) -o $@ $^ -lcmocka -lm

# randlist CONFIG SEED [print]: a random command list on the machine model, with its counters.
$(B)/randlist: $(B)/obj/tests/randlist_main.o $(patsubst %.c,$(B)/obj/%.o,$(filter-out %_main.c,$(wildcard tests/rand*.c))) $(B)/libweft.a
	$(CXX) -o $@ $^ -lz -ldl -lm
