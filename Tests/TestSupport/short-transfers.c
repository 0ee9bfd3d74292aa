// SPDX-License-Identifier: GPL-3.0-or-later
//
// Preloaded into a program, this library makes its calls move fewer bytes than they could, which the kernel may do at any
// time and seldom does. Half of all calls are shortened, to a length that depends on SHORT_TRANSFERS_SEED. With
// SHORT_TRANSFERS_REFUSE every eighth splice fails as if the kernel did not support it for these descriptors.
//
// Only streams are shortened: sockets, pipes and files, but not datagrams, nor standard error, which a test reads.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

// The splitmix64 generator: calls of several threads each take a number of their own.
static uint64_t next_number(void) {
  static _Atomic uint64_t state;
  static _Atomic int is_seeded;
  if (!atomic_exchange(&is_seeded, 1)) {
    const char *seed = getenv("SHORT_TRANSFERS_SEED");
    atomic_store(&state, seed ? strtoull(seed, NULL, 10) * 0x2545f4914f6cdd1dULL : 0);
  }
  uint64_t number = atomic_fetch_add(&state, 0x9e3779b97f4a7c15ULL);
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9ULL;
  number = (number ^ (number >> 27)) * 0x94d049bb133111ebULL;
  return number ^ (number >> 31);
}

static int is_stream(int descriptor) {
  struct stat status;
  if (descriptor == STDERR_FILENO || fstat(descriptor, &status) != 0) return 0;
  if (S_ISFIFO(status.st_mode) || S_ISREG(status.st_mode)) return 1;
  if (!S_ISSOCK(status.st_mode)) return 0;
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static size_t shortened(int descriptor, size_t count) {
  if (count < 2 || !is_stream(descriptor)) return count;
  uint64_t number = next_number();
  if (number & 1) return count;
  // A few bytes, now and then, and any length otherwise.
  size_t most = number & 6 ? count : count < 16 ? count : 16;
  return 1 + (number >> 8) % most;
}

#define CALL(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

ssize_t read(int descriptor, void *buffer, size_t count) {
  return CALL(read, descriptor, buffer, shortened(descriptor, count));
}

ssize_t recv(int descriptor, void *buffer, size_t count, int flags) {
  return CALL(recv, descriptor, buffer, shortened(descriptor, count), flags);
}

ssize_t write(int descriptor, const void *buffer, size_t count) {
  return CALL(write, descriptor, buffer, shortened(descriptor, count));
}

ssize_t send(int descriptor, const void *buffer, size_t count, int flags) {
  return CALL(send, descriptor, buffer, shortened(descriptor, count), flags);
}

ssize_t splice(int source, off64_t *from, int sink, off64_t *to, size_t count, unsigned flags) {
  if (getenv("SHORT_TRANSFERS_REFUSE") && next_number() % 8 == 0) {
    errno = EINVAL;
    return -1;
  }
  return CALL(splice, source, from, sink, to, shortened(source, count), flags);
}

ssize_t sendfile(int sink, int source, off_t *offset, size_t count) {
  return CALL(sendfile, sink, source, offset, shortened(source, count));
}

ssize_t sendfile64(int sink, int source, off64_t *offset, size_t count) {
  return CALL(sendfile64, sink, source, offset, shortened(source, count));
}
