// SPDX-License-Identifier: GPL-3.0-or-later
//
// SO_MEMINFO, whose number and array only the kernel's own headers declare.

#ifndef CSOCKKIT_SOCKETMEMORY_H
#define CSOCKKIT_SOCKETMEMORY_H

#include <stdint.h>

/// The part of the array of SO_MEMINFO that sockkit reports.
struct csockkit_socket_memory {
  /// SK_MEMINFO_RMEM_ALLOC: bytes of memory, bookkeeping included, that received data occupies.
  uint32_t received;
  /// SK_MEMINFO_RCVBUF: the limit of the above.
  uint32_t receive_limit;
  /// SK_MEMINFO_WMEM_QUEUED: bytes of memory that data occupies which was sent and is not acknowledged.
  uint32_t unacknowledged;
  /// SK_MEMINFO_DROPS: the number of packets that arrived and were dropped; the counter wraps.
  uint32_t drops;
};

/// getsockopt(2) with SO_MEMINFO, which Linux has since 4.12.
int csockkit_socket_memory(int descriptor, struct csockkit_socket_memory *memory);

#endif
