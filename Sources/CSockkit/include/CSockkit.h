// SPDX-License-Identifier: GPL-3.0-or-later
//
// What Swift's Glibc module cannot import: functions and constants that glibc hides behind _GNU_SOURCE, variadic calls,
// and structures that only the kernel's own headers declare. Each function is the C function of the same name with
// sockkit's constants filled in; it returns the result of that function and preserves its errno.

#ifndef CSOCKKIT_H
#define CSOCKKIT_H

#include "datagrams.h"
#include "files.h"
#include "names.h"
#include "privileges.h"
#include "processes.h"
#include "sandbox.h"
#include "sctp.h"
#include "socketmemory.h"
#include "system.h"

#include <linux/vm_sockets.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

/// The words of the command line, stored when the program is loaded: Swift's own list of them is read from /proc, which
/// may be missing in a chroot.
int csockkit_argument_count(void);
const char *csockkit_argument(int index);

/// accept4(2): the new descriptor is close-on-exec, and non-blocking unless `is_blocking`.
int csockkit_accept(int descriptor, struct sockaddr *address, socklen_t *length, bool is_blocking);

/// connect(2) with AF_UNSPEC: resets a TCP connection, for every process that holds it.
int csockkit_disconnect(int descriptor);

/// pipe2(2): both ends are close-on-exec and non-blocking.
int csockkit_pipe(int ends[2]);

/// F_SETPIPE_SZ: returns the new capacity in bytes.
int csockkit_set_pipe_capacity(int descriptor, int bytes);

/// F_GETPIPE_SZ: returns the capacity in bytes, or -1 with EBADF if the descriptor is not a pipe.
int csockkit_pipe_capacity(int descriptor);

/// splice(2) with SPLICE_F_MOVE and SPLICE_F_NONBLOCK, at the current offset of both ends.
ssize_t csockkit_splice(int from, int to, size_t count);

/// FIONREAD: the number of bytes that can be read at once.
int csockkit_readable_bytes(int descriptor, int *bytes);

/// SIOCOUTQ: the number of bytes (with the FIN as one) that the peer's system has not acknowledged yet.
int csockkit_unacknowledged_bytes(int descriptor, int *bytes);

/// strerrorname_np(3): "ECONNREFUSED", or null for an unknown number.
const char *csockkit_error_name(int code);

/// ppoll(2) without a signal mask; negative nanoseconds wait without limit.
int csockkit_poll(struct pollfd *entries, nfds_t count, int64_t nanoseconds);

/// epoll_create1(2), close-on-exec.
int csockkit_epoll_create(void);

/// The datum of a member and its readiness, in the bits of poll(2).
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

/// eventfd(2), close-on-exec and non-blocking; adds one to the counter, and resets it.
int csockkit_event_counter(void);
int csockkit_event_counter_add(int descriptor);
int csockkit_event_counter_take(int descriptor);

/// timerfd_create(2) on CLOCK_MONOTONIC, close-on-exec and non-blocking; sets its time in nanoseconds, with 0 for never.
int csockkit_timer(void);
int csockkit_set_timer(int descriptor, int64_t nanoseconds);

/// signalfd(2), close-on-exec and non-blocking, for the signals in `mask`.
int csockkit_signal_descriptor(const sigset_t *mask);

/// Reads one siginfo from a signalfd and returns the signal's number, or -1.
int csockkit_read_signal(int descriptor);

/// gettid(2): the kernel's thread ID of the calling thread.
int csockkit_thread(void);

/// getaddrinfo(3) with a time limit, in a thread that has ended when this returns: when the limit is exceeded, returns
/// EAI_INPROGRESS and abandons the thread, because a look-up cannot be cancelled. Negative milliseconds wait without limit.
int csockkit_getaddrinfo(const char *host, const struct addrinfo *hints, struct addrinfo **list, int milliseconds);

/// The EAI_INPROGRESS that glibc declares under _GNU_SOURCE.
extern const int csockkit_lookup_in_progress;

/// Whether a socket uses Multipath TCP, and has not fallen back to plain TCP.
bool csockkit_is_multipath(int descriptor);

/// setsockopt(2) with TCP_MD5SIG_EXT: sets the key of TCP MD5 signatures, at most 80 bytes, for all peers of IPv4 or IPv6,
/// or for those of IPv4 on a socket of IPv6 (`is_mapped`).
int csockkit_set_signature_key(int descriptor, bool is_ipv6, bool is_mapped, const uint8_t *key, uint16_t length);

/// The part of the kernel's struct tcp_info that sockkit uses; times are in microseconds, except the last, which is in
/// milliseconds.
struct csockkit_tcp_info {
  /// TCP_ESTABLISHED or another state of the state machine of RFC 9293.
  uint8_t state;
  uint32_t round_trip_time;
  uint32_t round_trip_variation;
  uint32_t retransmissions;
  uint32_t segment_size;
  uint32_t congestion_window;
  /// The number of bytes that the peer's system has acknowledged over the connection's life, including the SYN of a
  /// client.
  uint64_t acknowledged;
  /// The number of bytes received in order, read or not; the peer's FIN counts as one, and urgent bytes count too.
  uint64_t received;
  uint32_t since_acknowledgement;
};

/// getsockopt(2) with TCP_INFO.
int csockkit_tcp_info(int descriptor, struct csockkit_tcp_info *info);

#endif
