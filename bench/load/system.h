// SPDX-License-Identifier: GPL-3.0-or-later
//
// What every load needs of the system: clocks, descriptors, and an end if a call fails that never should.

#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static const uint64_t MILLISECOND = 1000000;

static inline void die(const char *call) {
  perror(call);
  exit(1);
}

// In nanoseconds; 0 by the clock of a server that has ended, which shows in its connections.
static inline uint64_t read_clock(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time) != 0) return 0;
  return (uint64_t)time.tv_sec * 1000 * MILLISECOND + (uint64_t)time.tv_nsec;
}

static inline uint64_t now(void) { return read_clock(CLOCK_MONOTONIC); }

// Until then, in the milliseconds of epoll_wait, rounded up.
static inline int milliseconds_until(uint64_t end) {
  uint64_t time = now();
  return time >= end ? 0 : (int)((end - time + MILLISECOND - 1) / MILLISECOND);
}

// A descriptor for each connection that the system permits.
static inline void raise_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("setrlimit");
}
