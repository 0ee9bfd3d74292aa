// SPDX-License-Identifier: GPL-3.0-or-later
//
// SCTP (RFC 6458), whose constants and structures only the kernel's own headers declare.

#ifndef CSOCKKIT_SCTP_H
#define CSOCKKIT_SCTP_H

#include <stddef.h>
#include <sys/types.h>

/// SOL_SCTP and SCTP_NODELAY.
extern const int csockkit_sctp_level;
extern const int csockkit_sctp_no_delay;

/// setsockopt(2) with SCTP_EVENTS: from now on csockkit_sctp_receive learns when the association has ended. After the own
/// shutdown the kernel reports it in no other way.
int csockkit_sctp_watch_end(int descriptor);

/// recvmsg(2): returns 0 also once the association has ended in order, and -1 with ECONNRESET if it was lost.
ssize_t csockkit_sctp_receive(int descriptor, void *bytes, size_t count, int flags);

#endif
