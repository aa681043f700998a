// SPDX-License-Identifier: Apache-2.0
//
// See uart_host.h.

#include "uart_host.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

UartHost::~UartHost()
{
  if (fd_ >= 0) close(fd_);
}

bool UartHost::open_pty()
{
  fd_ = posix_openpt(O_RDWR | O_NOCTTY);
  if (fd_ < 0 || grantpt(fd_) || unlockpt(fd_)) return false;
  // Raw, no echo: set once through the other end; the settings stay with the pair.
  const char *name = ptsname(fd_);
  int far = name ? open(name, O_RDWR | O_NOCTTY) : -1;
  termios t;
  if (far < 0 || tcgetattr(far, &t)) return false;
  cfmakeraw(&t);
  bool ok = !tcsetattr(far, TCSANOW, &t);
  close(far);
  fcntl(fd_, F_SETFL, O_NONBLOCK);
  std::printf("pty %s\n", name);
  std::fflush(stdout);
  return ok;
}

bool UartHost::wait_for_host(double seconds)
{
  for (int tries = (int)(seconds * 50); tries > 0; tries--) {
    pollfd p = {fd_, 0, 0};
    if (poll(&p, 1, 0) >= 0 && !(p.revents & POLLHUP)) return true;
    usleep(20000);
  }
  return false;
}

void UartHost::put(uint8_t byte)
{
  text_ += (char)byte;
  if (fd_ < 0) {
    if (byte != '\r') std::putchar(byte);
    if (byte == '\n') std::fflush(stdout);
    return;
  }
  // A host that does not read loses bytes, as on a wire.
  if (write(fd_, &byte, 1) < 0 && errno == EIO) hung_up_ = true;
}

void UartHost::fill()
{
  ssize_t n = read(fd_, in_, sizeof in_);
  in_at_ = 0;
  in_n_ = n > 0 ? (int)n : 0;
  if (n < 0 && errno == EIO) hung_up_ = true;     // the host had it open and closed it
}

bool UartHost::get(uint8_t &byte)
{
  if (fd_ < 0) return false;
  if (in_at_ == in_n_) fill();
  if (in_at_ == in_n_) return false;
  byte = in_[in_at_++];
  return true;
}

void UartHost::rest()
{
  if (fd_ < 0 || in_at_ < in_n_) return;
  pollfd p = {fd_, POLLIN, 0};
  poll(&p, 1, 20);
}
