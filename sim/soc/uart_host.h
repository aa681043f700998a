/* SPDX-License-Identifier: Apache-2.0
 *
 * The far end of the simulated UART: the terminal, or a pseudo-terminal that another program opens.
 */
#ifndef WEFT_SIM_UART_HOST_H
#define WEFT_SIM_UART_HOST_H

#include <cstdint>
#include <string>

class UartHost {
 public:
  ~UartHost();
  bool open_pty();                       // prints `pty <path>`
  bool wait_for_host(double seconds);    // until the other end is open
  void put(uint8_t byte);                // from the firmware
  bool get(uint8_t &byte);               // to the firmware; false: nothing there
  void rest();                           // called while the firmware waits for the host: sleeps until there is input, 20 ms at most
  bool hung_up() const { return hung_up_; }
  bool is_pty() const { return fd_ >= 0; }
  const std::string &text() const { return text_; }      // everything that the firmware sent

 private:
  void fill();
  int fd_ = -1;
  bool hung_up_ = false;
  uint8_t in_[256];
  int in_n_ = 0, in_at_ = 0;
  std::string text_;
};

#endif
