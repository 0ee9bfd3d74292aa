// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "CSockkit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static int argument_count;
static char **kept_arguments;

// glibc calls constructors with the arguments of main.
__attribute__((constructor)) static void keep_arguments(int count, char **arguments) {
  argument_count = count;
  kept_arguments = arguments;
}

int csockkit_argument_count(void) { return argument_count; }

const char *csockkit_argument(int index) { return kept_arguments[index]; }

int csockkit_accept(int descriptor, struct sockaddr *address, socklen_t *length, bool is_blocking) {
  return accept4(descriptor, address, length, SOCK_CLOEXEC | (is_blocking ? 0 : SOCK_NONBLOCK));
}

int csockkit_disconnect(int descriptor) {
  struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
  // The family alone, by which a filter of system calls can tell this from a connection to an address.
  return connect(descriptor, &nowhere, sizeof nowhere.sa_family);
}

int csockkit_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC | O_NONBLOCK); }

int csockkit_set_pipe_capacity(int descriptor, int bytes) { return fcntl(descriptor, F_SETPIPE_SZ, bytes); }

int csockkit_pipe_capacity(int descriptor) { return fcntl(descriptor, F_GETPIPE_SZ); }

ssize_t csockkit_splice(int from, int to, size_t count) {
  return splice(from, NULL, to, NULL, count, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
}

int csockkit_readable_bytes(int descriptor, int *bytes) { return ioctl(descriptor, FIONREAD, bytes); }

int csockkit_unacknowledged_bytes(int descriptor, int *bytes) { return ioctl(descriptor, SIOCOUTQ, bytes); }

const char *csockkit_error_name(int code) { return strerrorname_np(code); }

int csockkit_poll(struct pollfd *entries, nfds_t count, int64_t nanoseconds) {
  struct timespec limit = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  return ppoll(entries, count, nanoseconds < 0 ? NULL : &limit, NULL);
}

int csockkit_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int csockkit_epoll_control(int queue, int operation, int descriptor, short events, uint64_t datum) {
  struct epoll_event event = {.events = (unsigned short)events, .data.u64 = datum};
  return epoll_ctl(queue, operation, descriptor, &event);
}

const int csockkit_epoll_add = EPOLL_CTL_ADD;
const int csockkit_epoll_modify = EPOLL_CTL_MOD;
const int csockkit_epoll_remove = EPOLL_CTL_DEL;

// poll and epoll use the same bits, so one type of readiness serves both.
_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP, "epoll's bits");

int csockkit_epoll_wait(int queue, struct csockkit_event *ready, int capacity, int milliseconds) {
  struct epoll_event events[64];
  int count = epoll_wait(queue, events, capacity < 64 ? capacity : 64, milliseconds);
  for (int index = 0; index < count; index++)
    ready[index] = (struct csockkit_event){events[index].data.u64, (short)events[index].events};
  return count;
}

int csockkit_event_counter(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

int csockkit_event_counter_add(int descriptor) { return eventfd_write(descriptor, 1); }

int csockkit_event_counter_take(int descriptor) {
  eventfd_t count;
  return eventfd_read(descriptor, &count);
}

int csockkit_timer(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

int csockkit_set_timer(int descriptor, int64_t nanoseconds) {
  struct itimerspec time = {.it_value = {nanoseconds / 1000000000, nanoseconds % 1000000000}};
  return timerfd_settime(descriptor, TFD_TIMER_ABSTIME, &time, NULL);
}

int csockkit_signal_descriptor(const sigset_t *mask) { return signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK); }

int csockkit_read_signal(int descriptor) {
  struct signalfd_siginfo info;
  ssize_t count = read(descriptor, &info, sizeof info);
  return count == sizeof info ? (int)info.ssi_signo : -1;
}

int csockkit_thread(void) { return gettid(); }

const int csockkit_lookup_in_progress = EAI_INPROGRESS;

/// A look-up and everything that it points to, on the heap so that it can outlive an abandoned wait.
struct lookup {
  struct addrinfo hints;
  struct addrinfo *list;
  int status;
  int error;
  char host[];
};

static void *look_up(void *context) {
  struct lookup *lookup = context;
  lookup->status = getaddrinfo(lookup->host, NULL, &lookup->hints, &lookup->list);
  lookup->error = errno;
  return NULL;
}

// Starts a look-up in a thread that takes no signals.
static int start_thread(pthread_t *thread, struct lookup *lookup) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  int code = pthread_create(thread, NULL, look_up, lookup);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

int csockkit_getaddrinfo(const char *host, const struct addrinfo *hints, struct addrinfo **list, int milliseconds) {
#if defined(__has_feature) && __has_feature(thread_sanitizer)
  // Does not know pthread_clockjoin_np, and takes a thread that was joined by it for one that still runs.
  milliseconds = -1;
#endif
  if (milliseconds < 0) return getaddrinfo(host, NULL, hints, list);
  size_t size = strlen(host) + 1;
  struct lookup *lookup = calloc(1, sizeof *lookup + size);
  if (lookup == NULL) return EAI_MEMORY;
  memcpy(lookup->host, host, size);
  lookup->hints = *hints;
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += milliseconds / 1000;
  end.tv_nsec += milliseconds % 1000 * 1000000L;
  if (end.tv_nsec >= 1000000000L) {
    end.tv_sec++;
    end.tv_nsec -= 1000000000L;
  }
  // Not getaddrinfo_a, whose thread stays for a while: what is taken away from this one afterwards would be left to it.
  pthread_t thread;
  if (start_thread(&thread, lookup) != 0) {
    // Without another thread, it takes as long as the library takes.
    look_up(lookup);
  } else if (pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &end) != 0) {
    // The library still writes to an unfinished look-up.
    pthread_detach(thread);
    return EAI_INPROGRESS;
  }
  int status = lookup->status, error = lookup->error;
  *list = lookup->list;
  free(lookup);
  errno = error;
  return status;
}

bool csockkit_is_multipath(int descriptor) {
  // SOL_MPTCP and MPTCP_INFO of linux/mptcp.h, which older systems lack; the call fails after a fallback to TCP.
  unsigned char info[256];
  socklen_t length = sizeof info;
  return getsockopt(descriptor, 284, 1, info, &length) == 0;
}

int csockkit_set_signature_key(int descriptor, bool is_ipv6, bool is_mapped, const uint8_t *key, uint16_t length) {
  struct tcp_md5sig signature = {.tcpm_flags = TCP_MD5SIG_FLAG_PREFIX, .tcpm_prefixlen = 0, .tcpm_keylen = length};
  if (length > sizeof signature.tcpm_key) {
    errno = EINVAL;
    return -1;
  }
  if (is_ipv6) {
    struct sockaddr_in6 *peers = (struct sockaddr_in6 *)&signature.tcpm_addr;
    peers->sin6_family = AF_INET6;
    if (is_mapped) peers->sin6_addr.s6_addr[10] = peers->sin6_addr.s6_addr[11] = 0xff;
  } else {
    ((struct sockaddr_in *)&signature.tcpm_addr)->sin_family = AF_INET;
  }
  memcpy(signature.tcpm_key, key, length);
  return setsockopt(descriptor, IPPROTO_TCP, TCP_MD5SIG_EXT, &signature, sizeof signature);
}

int csockkit_tcp_info(int descriptor, struct csockkit_tcp_info *info) {
  struct tcp_info kernel;
  socklen_t length = sizeof kernel;
  memset(&kernel, 0, sizeof kernel);
  int result = getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &kernel, &length);
  if (result == 0) {
    info->state = kernel.tcpi_state;
    info->round_trip_time = kernel.tcpi_rtt;
    info->round_trip_variation = kernel.tcpi_rttvar;
    info->retransmissions = kernel.tcpi_total_retrans;
    info->segment_size = kernel.tcpi_snd_mss;
    info->congestion_window = kernel.tcpi_snd_cwnd;
    info->acknowledged = kernel.tcpi_bytes_acked;
    info->received = kernel.tcpi_bytes_received;
    info->since_acknowledgement = kernel.tcpi_last_ack_recv;
  }
  return result;
}
