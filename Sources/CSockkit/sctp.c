// SPDX-License-Identifier: GPL-3.0-or-later

#include "sctp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

// The header of the kernel needs what those above declare.
#include <linux/sctp.h>

const int csockkit_sctp_level = IPPROTO_SCTP;
const int csockkit_sctp_no_delay = SCTP_NODELAY;

int csockkit_sctp_watch_end(int descriptor) {
  struct sctp_event_subscribe events = {.sctp_association_event = 1};
  return setsockopt(descriptor, IPPROTO_SCTP, SCTP_EVENTS, &events, sizeof events);
}

/// The end that a notification reports: 0 for one in order, -1 with errno for a loss, and 1 for none.
static int end_of(const struct sctp_assoc_change *change) {
  if (change->sac_type != SCTP_ASSOC_CHANGE) return 1;
  switch (change->sac_state) {
    case SCTP_SHUTDOWN_COMP: return 0;
    case SCTP_COMM_LOST: errno = ECONNRESET; return -1;
    default: return 1;
  }
}

ssize_t csockkit_sctp_receive(int descriptor, void *bytes, size_t count, int flags) {
  struct sctp_assoc_change change;
  // A notification may be longer than the caller's buffer, and then arrives in parts.
  size_t have = 0;
  for (;;) {
    struct iovec buffer = {bytes, count};
    struct msghdr message = {.msg_iov = &buffer, .msg_iovlen = 1};
    ssize_t received = recvmsg(descriptor, &message, flags);
    if (received < 0 || !(message.msg_flags & MSG_NOTIFICATION)) return received;
    size_t room = sizeof change - have;
    size_t part = (size_t)received < room ? (size_t)received : room;
    memcpy((char *)&change + have, bytes, part);
    have += part;
    if (!(message.msg_flags & MSG_EOR)) continue;
    int end = have < sizeof change ? 1 : end_of(&change);
    if (end <= 0) return end;
    have = 0;
  }
}
