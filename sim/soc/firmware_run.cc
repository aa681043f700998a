// SPDX-License-Identifier: Apache-2.0
//
// See firmware_run.h.

#include "firmware_run.h"

#include <cstdio>
#include <cstring>
#include <sstream>

#include "mailbox.h"

namespace {
constexpr uint8_t kGuard = 0xa5;
constexpr size_t kUsable = FirmwareRun::kDramBytes / 2;

size_t align(size_t v) { return (v + WEFT_MAILBOX_ALIGN - 1) / WEFT_MAILBOX_ALIGN * WEFT_MAILBOX_ALIGN; }
}  // namespace

std::string FirmwareRun::load(uint8_t *dram)
{
  std::memset(dram, kGuard, kDramBytes);
  weft_mailbox_t box = {};
  box.magic = WEFT_MAILBOX_MAGIC;
  box.dram_bytes = kUsable;
  box.mode = job_.serial ? WEFT_MODE_SERIAL : WEFT_MODE_RUN;
  box.runs = job_.runs;
  size_t at = WEFT_MAILBOX_ALIGN;
  if (job_.images.size() > WEFT_MAILBOX_IMAGES) return "more images than a mailbox names";
  for (const std::vector<uint8_t> &b : job_.images) {
    if (at + b.size() > kUsable) return "the images are larger than memory";
    std::memcpy(dram + at, b.data(), b.size());
    box.image[box.images].at = (uint32_t)at;
    box.image[box.images++].bytes = (uint32_t)b.size();
    at = align(at + b.size());
  }
  if (at + job_.input.size() > kUsable) return "the input is larger than memory";
  std::memcpy(dram + at, job_.input.data(), job_.input.size());
  box.input = (uint32_t)at;
  box.input_bytes = (uint32_t)job_.input.size();
  box.free = (uint32_t)align(at + job_.input.size());
  std::memcpy(dram, &box, sizeof box);
  before_.assign(dram, dram + (job_.serial ? box.input : box.free));
  return "";
}

bool FirmwareRun::untouched(const uint8_t *dram) const
{
  bool ok = !std::memcmp(dram, before_.data(), before_.size());
  if (!ok) std::printf("MISMATCH mailbox, image or input were overwritten\n");
  for (size_t i = kUsable; i < kDramBytes; i++)
    if (dram[i] != kGuard) {
      std::printf("MISMATCH DRAM at 0x%zx was overwritten\n", i);
      return false;
    }
  return ok;
}

bool FirmwareRun::outputs_match(const std::string &text) const
{
  if (job_.expected.empty()) return true;
  std::vector<std::string> want, have;
  for (unsigned r = 0; r < job_.runs; r++) want.insert(want.end(), job_.expected.begin(), job_.expected.end());
  std::istringstream f(text);
  for (std::string l; std::getline(f, l);)
    if (l.compare(0, 7, "output ") == 0) have.push_back(l.substr(0, l.size() - 1));   // without \r
  bool ok = want.size() == have.size();
  if (!ok) std::printf("MISMATCH %zu outputs, expected %zu\n", have.size(), want.size());
  for (size_t i = 0; i < want.size() && i < have.size(); i++) {
    if (want[i] == have[i]) continue;
    ok = false;
    std::printf("MISMATCH output line %zu\n  firmware %.100s\n  golden   %.100s\n", i, have[i].c_str(), want[i].c_str());
  }
  return ok;
}
