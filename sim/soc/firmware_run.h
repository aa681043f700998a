// SPDX-License-Identifier: Apache-2.0
//
// What a run of the firmware starts from and must leave behind: mailbox, images and input in DRAM, and the lines that it must print.
//
// Used by the RISC-V system and by the SystemC platform; both play the boot loader of sw/firmware/mailbox.h.
#ifndef WEFT_SIM_FIRMWARE_RUN_H
#define WEFT_SIM_FIRMWARE_RUN_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

struct FirmwareJob {
  std::vector<std::vector<uint8_t>> images;   // sw/firmware/netimage.h, 1 to WEFT_MAILBOX_IMAGES
  std::vector<uint8_t> input;
  unsigned runs = 1;
  bool serial = false;                        // the UART is driven by a host
  std::vector<std::string> expected;          // lines `output ...` of one run, in order; none: not compared
};

class FirmwareRun {
 public:
  static constexpr size_t kDramBytes = 64u << 20;
  explicit FirmwareRun(FirmwareJob job) : job_(std::move(job)) {}
  // Fills all kDramBytes; "" or what does not fit. The upper half is a guard that nobody may touch.
  std::string load(uint8_t *dram);
  // Nothing was overwritten: mailbox, images, input (the host's in serial mode), guard. Prints what was.
  bool untouched(const uint8_t *dram) const;
  // The output lines in the UART's text are the expected ones, `runs` times. Prints how many, or the first that differ.
  bool outputs_match(const std::string &text) const;

 private:
  FirmwareJob job_;
  std::vector<uint8_t> before_;
};

#endif
