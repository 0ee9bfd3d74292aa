// SPDX-License-Identifier: GPL-3.0-or-later

#include "socketmemory.h"

#include <linux/sock_diag.h>
#include <sys/socket.h>

int csockkit_socket_memory(int descriptor, struct csockkit_socket_memory *memory) {
  // Values that an older kernel does not fill in stay zero.
  uint32_t values[SK_MEMINFO_VARS] = {0};
  socklen_t length = sizeof values;
  int result = getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, values, &length);
  if (result == 0) {
    memory->received = values[SK_MEMINFO_RMEM_ALLOC];
    memory->receive_limit = values[SK_MEMINFO_RCVBUF];
    memory->unacknowledged = values[SK_MEMINFO_WMEM_QUEUED];
    memory->drops = values[SK_MEMINFO_DROPS];
  }
  return result;
}
