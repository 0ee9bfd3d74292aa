// SPDX-License-Identifier: GPL-3.0-or-later
//
// Counts durations in buckets, none wider than a 64th of what it holds, so that noting one costs next to nothing.

#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BUCKETS_A_POWER = 64, POWERS = 40 };

struct histogram {
  uint64_t count;
  uint64_t buckets[POWERS * BUCKETS_A_POWER];
};

static inline void note(struct histogram *histogram, uint64_t nanoseconds) {
  // What is below 128 ns, or above a quarter of an hour, is put at that bound.
  uint64_t bounded = nanoseconds < 2 * BUCKETS_A_POWER ? 2 * BUCKETS_A_POWER : nanoseconds;
  unsigned power = 63 - (unsigned)__builtin_clzll(bounded);
  if (power >= POWERS) power = POWERS - 1;
  uint64_t place = (bounded >> (power - 6)) & (BUCKETS_A_POWER - 1);
  histogram->buckets[power * BUCKETS_A_POWER + place]++;
  histogram->count++;
}

// The middle of the bucket below which lies this share, in microseconds.
static inline double quantile(const struct histogram *histogram, double share) {
  uint64_t wanted = (uint64_t)(share * (double)histogram->count), seen = 0;
  for (size_t index = 0; index < POWERS * BUCKETS_A_POWER; index++) {
    seen += histogram->buckets[index];
    if (histogram->buckets[index] == 0 || seen < wanted) continue;
    uint64_t width = 1ULL << (index / BUCKETS_A_POWER - 6);
    return ((double)((BUCKETS_A_POWER + index % BUCKETS_A_POWER) * width) + (double)width / 2) / 1000;
  }
  return 0;
}
