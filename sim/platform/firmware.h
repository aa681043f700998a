// SPDX-License-Identifier: Apache-2.0
//
// The firmware of sw/firmware as the platform's processor runs it.
#ifndef WEFT_PLATFORM_FIRMWARE_H
#define WEFT_PLATFORM_FIRMWARE_H

#include "hal.h"

// From reset to its write of the EXIT register, which ends the simulation. Once in a process: the firmware has static data.
void run_firmware(const hal_t *hal);

#endif
