// SPDX-License-Identifier: GPL-3.0-or-later
//
// What Swift's Glibc module cannot say: functions and constants that glibc hides behind _GNU_SOURCE,
// variadic calls, and structures that only the kernel's own headers describe. Each function is the C
// function of the same name with the constants sockkit always uses filled in; each returns what that
// function returns and leaves errno as it was left.

#ifndef CSOCKKIT_H
#define CSOCKKIT_H

#include "datagrams.h"
#include "files.h"
#include "names.h"
#include "processes.h"
#include "socketmemory.h"

#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/// The words of the command line, kept when the program is loaded: Swift's own list of them is read from
/// /proc, which a chroot may lack.
int csockkit_argument_count(void);
const char *csockkit_argument(int index);

/// accept4(2): the new descriptor is close-on-exec and non-blocking.
int csockkit_accept(int descriptor, struct sockaddr *address, socklen_t *length);

/// connect(2) with AF_UNSPEC: a TCP connection is reset, for every process that holds it.
int csockkit_disconnect(int descriptor);

/// pipe2(2): both ends are close-on-exec and non-blocking.
int csockkit_pipe(int ends[2]);

/// F_SETPIPE_SZ: returns the capacity in bytes that the kernel gave.
int csockkit_set_pipe_capacity(int descriptor, int bytes);

/// F_GETPIPE_SZ: returns the capacity in bytes, or -1 with EBADF if the descriptor is not a pipe.
int csockkit_pipe_capacity(int descriptor);

/// splice(2) with SPLICE_F_MOVE and SPLICE_F_NONBLOCK, at the current offset of both ends.
ssize_t csockkit_splice(int from, int to, size_t count);

/// FIONREAD: the bytes that can be read at once.
int csockkit_readable_bytes(int descriptor, int *bytes);

/// SIOCOUTQ: the bytes (and the FIN, as one) that the peer's system has not acknowledged yet.
int csockkit_unacknowledged_bytes(int descriptor, int *bytes);

/// strerrorname_np(3): "ECONNREFUSED", or null for an unknown number.
const char *csockkit_error_name(int code);

/// ppoll(2) without a signal mask; negative nanoseconds wait for ever.
int csockkit_poll(struct pollfd *entries, nfds_t count, int64_t nanoseconds);

/// epoll_create1(2), close-on-exec.
int csockkit_epoll_create(void);

/// The datum of a member and what it is ready for, in the bits of poll(2).
struct csockkit_event {
  uint64_t datum;
  short events;
};

/// epoll_ctl(2), level-triggered.
int csockkit_epoll_control(int queue, int operation, int descriptor, short events, uint64_t datum);

/// The EPOLL_CTL_ constants.
extern const int csockkit_epoll_add;
extern const int csockkit_epoll_modify;
extern const int csockkit_epoll_remove;

/// epoll_wait(2): stores up to `capacity` events, at most 64.
int csockkit_epoll_wait(int queue, struct csockkit_event *ready, int capacity, int milliseconds);

/// eventfd(2), close-on-exec and non-blocking; adds one to it, and takes all that was added.
int csockkit_event_counter(void);
int csockkit_event_counter_add(int descriptor);
int csockkit_event_counter_take(int descriptor);

/// signalfd(2), close-on-exec and non-blocking, for the signals in `mask`.
int csockkit_signal_descriptor(const sigset_t *mask);

/// Reads one siginfo from a signalfd and returns the signal's number, or -1.
int csockkit_read_signal(int descriptor);

/// gettid(2): the kernel's number of the calling thread.
int csockkit_thread(void);

/// getaddrinfo(3) that gives up after a time: returns EAI_INPROGRESS then, and leaves the thread that the C
/// library looks up on behind, because a look-up cannot be cancelled. Negative milliseconds wait for ever.
int csockkit_getaddrinfo(const char *host, const struct addrinfo *hints, struct addrinfo **list, int milliseconds);

/// The EAI_INPROGRESS that glibc declares under _GNU_SOURCE.
extern const int csockkit_lookup_in_progress;

/// Whether a socket speaks Multipath TCP with its peer, and has not fallen back to plain TCP.
bool csockkit_is_multipath(int descriptor);

/// The part of the kernel's struct tcp_info that sockkit uses; times are in microseconds, but for the last, in
/// milliseconds.
struct csockkit_tcp_info {
  /// TCP_ESTABLISHED and its like, of the state machine of RFC 9293.
  uint8_t state;
  uint32_t round_trip_time;
  uint32_t round_trip_variation;
  uint32_t retransmissions;
  uint32_t segment_size;
  uint32_t congestion_window;
  /// Bytes, the SYN of a client among them, that the peer's system has confirmed over the connection's life.
  uint64_t acknowledged;
  /// Bytes received in order, read or not; the peer's FIN counts as one, urgent bytes count too.
  uint64_t received;
  uint32_t since_acknowledgement;
};

/// getsockopt(2) with TCP_INFO.
int csockkit_tcp_info(int descriptor, struct csockkit_tcp_info *info);

#endif
