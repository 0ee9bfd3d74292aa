// SPDX-License-Identifier: GPL-3.0-or-later
//
// usage: fail-call REPORT CALL ERRNO NUMBER PROGRAM [ARGUMENT]...
//
// Becomes PROGRAM, whose system call CALL fails once: the one with this number, counted from 1, is not made and reports
// ERRNO. Only calls of PROGRAM's own file are counted, in all of its processes and threads, and only after PROGRAM has
// ignored SIGPIPE, which is the first thing that it does itself: what the loader and the C library need before is not
// what is tested. CALL may be `all`, to count calls of all kinds and to fail none.
//
// REPORT is a descriptor, to which a line is written when the call fails. When the last process has ended, a line follows
// for each kind of call, with their number. With `all` such lines are also written before PROGRAM takes its first client
// or datagram, beginning with `before`.
//
// The filter is that of seccomp(2): it has each such call wait for the answer of a process beside PROGRAM, which PROGRAM
// does not know about. Unlike a tracer, that process is not asked about other calls, and does not become a parent.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct kind {
  const char *name;
  int number;
  unsigned count;
};

#define KIND(call) {#call, SYS_##call, 0}

// Some calls are missing on newer architectures.
static struct kind kinds[] = {
    KIND(accept4), KIND(bind), KIND(brk), KIND(capget), KIND(capset), KIND(chdir), KIND(clone), KIND(clone3), KIND(close),
    KIND(close_range), KIND(connect), KIND(dup), KIND(dup3), KIND(epoll_create1), KIND(epoll_ctl), KIND(epoll_pwait),
    KIND(eventfd2), KIND(execve), KIND(fchmod), KIND(fcntl), KIND(fdatasync), KIND(fstat), KIND(fsync), KIND(ftruncate),
    KIND(futex), KIND(getdents64), KIND(getpeername), KIND(getrandom), KIND(getsockname), KIND(getsockopt), KIND(ioctl),
    KIND(kill), KIND(landlock_add_rule), KIND(landlock_create_ruleset), KIND(landlock_restrict_self), KIND(linkat),
    KIND(listen), KIND(lseek), KIND(madvise), KIND(mmap), KIND(mprotect), KIND(munmap), KIND(newfstatat), KIND(openat),
    KIND(openat2), KIND(pidfd_open), KIND(pipe2), KIND(ppoll), KIND(prctl), KIND(pread64), KIND(prlimit64),
    KIND(pwrite64), KIND(read), KIND(readlinkat), KIND(readv), KIND(recvfrom), KIND(recvmmsg), KIND(recvmsg),
    KIND(renameat2), KIND(rt_sigaction), KIND(rt_sigprocmask), KIND(seccomp), KIND(sendfile), KIND(sendmmsg),
    KIND(sendmsg), KIND(sendto), KIND(setpgid), KIND(setsockopt), KIND(shutdown), KIND(signalfd4), KIND(socket),
    KIND(socketpair), KIND(splice), KIND(statx), KIND(tee), KIND(timerfd_create), KIND(timerfd_settime), KIND(unlinkat),
    KIND(utimensat), KIND(waitid), KIND(wait4), KIND(write), KIND(writev),
#ifdef SYS_open
    KIND(access), KIND(dup2), KIND(epoll_wait), KIND(fork), KIND(open), KIND(pipe), KIND(poll), KIND(readlink),
    KIND(rename), KIND(stat), KIND(unlink), KIND(vfork),
#endif
};
static const size_t kind_count = sizeof kinds / sizeof *kinds;

static void fail(const char *what) {
  perror(what);
  exit(99);
}

static struct kind *kind_of(int number) {
  for (size_t i = 0; i < kind_count; i++)
    if (kinds[i].number == number) return &kinds[i];
  return NULL;
}

// Asks about the calls of one kind, or of all in the table, and about what is done with SIGPIPE.
static int install(const struct kind *only) {
  struct sock_filter code[2 * sizeof kinds / sizeof *kinds + 8];
  size_t length = 0;
  code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (size_t i = 0; i < kind_count; i++) {
    if ((only && only != &kinds[i]) || kinds[i].number == SYS_rt_sigaction) continue;
    code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)kinds[i].number, 0, 1);
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  }
  code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigaction, 0, 3);
  code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]));
  code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SIGPIPE, 0, 1);
  code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  struct sock_fprog program = {(unsigned short)length, code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail("fail-call: prctl");
  // A call that waits for the answer is not interrupted by signals, and so not counted twice.
  unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

// A process with the same descriptors as this one.
static pid_t fork_beside(void) {
  pid_t process = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
  if (process < 0) fail("fail-call: clone");
  return process;
}

static int is_own(pid_t thread, const char *program) {
  char link[64], file[PATH_MAX];
  snprintf(link, sizeof link, "/proc/%d/exe", thread);
  ssize_t length = readlink(link, file, sizeof file - 1);
  if (length < 0) return 0;
  file[length] = 0;
  return strcmp(file, program) == 0;
}

// The process of a thread, -1 if it has ended.
static pid_t group_of(pid_t thread) {
  char path[64], line[128];
  snprintf(path, sizeof path, "/proc/%d/status", thread);
  FILE *status = fopen(path, "r");
  pid_t group = -1;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "Tgid: %d", &group) == 1) break;
  if (status) fclose(status);
  return group;
}

// A copy of a descriptor of the process that makes a call, -1 if there is no such descriptor.
static int copy_of(const struct seccomp_notif *call, int descriptor) {
  int process = (int)syscall(SYS_pidfd_open, group_of((pid_t)call->pid), 0);
  int copy = (int)syscall(SYS_pidfd_getfd, process, descriptor, 0);
  close(process);
  return copy;
}

// What can fail about a descriptor.
struct object {
  // The family and the type of a socket, or 0.
  int family, type;
  // A file with a name, and whether it is a library that the loader opens; or a counter of events, a timer and the like.
  int is_file, is_library, is_anonymous;
  int is_blocking;
};

static struct object object_of(const struct seccomp_notif *call, int descriptor) {
  struct object object = {0};
  char link[64], target[PATH_MAX];
  snprintf(link, sizeof link, "/proc/%d/fd/%d", (pid_t)call->pid, descriptor);
  ssize_t length = readlink(link, target, sizeof target - 1);
  target[length < 0 ? 0 : length] = 0;
  object.is_file = target[0] == '/' && strncmp(target, "/dev/", 5) != 0;
  object.is_library = strstr(target, ".so") != NULL;
  object.is_anonymous = strncmp(target, "anon_inode:", 11) == 0;
  int copy = copy_of(call, descriptor);
  socklen_t size = sizeof(int);
  getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &object.family, &size);
  getsockopt(copy, SOL_SOCKET, SO_TYPE, &object.type, &size);
  object.is_blocking = copy >= 0 && !(fcntl(copy, F_GETFL) & O_NONBLOCK);
  close(copy);
  return object;
}

static int is_one_of(int code, const int codes[]) {
  while (*codes && *codes != code) codes++;
  return *codes != 0;
}

static const int of_connections[] = {ECONNRESET, EPIPE, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETDOWN, ENOTCONN, 0};
static const int of_datagrams[] = {ECONNREFUSED, EMSGSIZE, EPERM, EACCES, EHOSTUNREACH, ENETUNREACH, ENETDOWN, 0};
static const int of_files[] = {EIO, ENOSPC, EDQUOT, EFBIG, 0};
// Errors of either, that a message or a stream on this machine has, too.
static const int of_all[] = {EINTR, EAGAIN, EINVAL, ENOMEM, EOVERFLOW, 0};

static int moves_bytes(int number) {
  const int calls[] = {SYS_read,     SYS_write,    SYS_readv,   SYS_writev,  SYS_recvfrom, SYS_sendto, SYS_recvmsg,
                       SYS_sendmsg,  SYS_recvmmsg, SYS_sendmmsg, SYS_splice, SYS_sendfile, SYS_tee,    0};
  // The number of read(2) may be 0.
  return number == SYS_read || is_one_of(number, calls + 1);
}

static int can_report(const struct object *object, int number, int code) {
  if (is_one_of(code, of_all)) return 1;
  if (object->family == AF_UNIX) return code == ENOBUFS && object->type == SOCK_STREAM;
  if (object->type == SOCK_DGRAM) return is_one_of(code, of_datagrams) || code == ENOBUFS;
  if (object->type) return is_one_of(code, of_connections) || code == ENOBUFS;
  return is_one_of(code, of_files) || (code == EPIPE && !object->is_file && number == SYS_write);
}

// Whether a call can report an error: of those that move bytes, not all errors fit all descriptors. Linux does not
// interrupt what reads or writes a file, and only a call that need not wait says that it would. Without this the harness
// would find what no kernel does.
static int is_possible(const struct seccomp_notif *call, int code) {
  int number = call->data.nr;
  struct object first = object_of(call, (int)call->data.args[0]);
  if (number == SYS_close) return !first.is_library;
  if (!moves_bytes(number)) return 1;
  int other = number == SYS_splice ? (int)call->data.args[2] : number == SYS_sendfile ? (int)call->data.args[1] : -1;
  struct object second = other < 0 ? first : object_of(call, other);
  if (first.is_anonymous || first.is_library) return 0;
  if (code == EINTR || code == EAGAIN) {
    if (first.is_file && second.is_file) return 0;
    int flags = number == SYS_splice ? (int)call->data.args[5] & SPLICE_F_NONBLOCK
                : first.type ? (int)call->data.args[number == SYS_recvmsg || number == SYS_sendmsg ? 2 : 3] & MSG_DONTWAIT
                             : 0;
    return code == EINTR || flags || !first.is_blocking || !second.is_blocking;
  }
  return can_report(&first, number, code) || can_report(&second, number, code);
}

// Ends the connection of a call that reports such an error: otherwise its peer would wait for ever.
static void end_connection(const struct seccomp_notif *call, int descriptor) {
  int socket = copy_of(call, descriptor);
  struct sockaddr nobody = {.sa_family = AF_UNSPEC};
  int type = 0;
  socklen_t length = sizeof type;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM &&
      connect(socket, &nobody, sizeof nobody) != 0)
    shutdown(socket, SHUT_RDWR);
  close(socket);
}

// Closes the descriptor of a call that reports a failure, since close(2) does so whatever it reports.
static void close_of(int listener, const struct seccomp_notif *call) {
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  struct seccomp_notif_addfd replacement = {
      .id = call->id, .flags = SECCOMP_ADDFD_FLAG_SETFD, .srcfd = (unsigned)nothing,
      .newfd = (unsigned)call->data.args[0], .newfd_flags = O_CLOEXEC};
  ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &replacement);
  close(nothing);
}

static void tell(int report, const char *prefix) {
  for (size_t i = 0; i < kind_count; i++)
    if (kinds[i].count > 0) dprintf(report, "%s%s %u\n", prefix, kinds[i].name, kinds[i].count);
}

static void answer(int listener, int report, const struct kind *only, int code, unsigned number, const char *program) {
  static int has_begun, has_met;
  struct seccomp_notif call;
  memset(&call, 0, sizeof call);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) return;
  struct seccomp_notif_resp response = {.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  if (call.data.nr == SYS_rt_sigaction) {
    if (!has_begun && is_own((pid_t)call.pid, program)) {
      has_begun = 1;
      // PROGRAM runs, and has descriptors of its own; its streams end when it closes them.
      for (int stream = 0; stream < 3; stream++) close(stream);
    }
  } else if (has_begun && is_own((pid_t)call.pid, program)) {
    struct kind *kind = kind_of(call.data.nr);
    if (!only && !has_met && (call.data.nr == SYS_accept4 || call.data.nr == SYS_recvmmsg)) {
      has_met = 1;
      tell(report, "before ");
    }
    if ((!only || is_possible(&call, code)) && ++kind->count == number && kind == only) {
      if (call.data.nr == SYS_close) close_of(listener, &call);
      if ((moves_bytes(call.data.nr) || call.data.nr == SYS_shutdown) && is_one_of(code, of_connections)) {
        end_connection(&call, (int)call.data.args[0]);
        if (call.data.nr == SYS_splice) end_connection(&call, (int)call.data.args[2]);
      }
      dprintf(report, "failed %s\n", kind->name);
      // The kernel answers a failed brk(2) with an address and not with an error.
      response = (struct seccomp_notif_resp){.id = call.id, .error = call.data.nr == SYS_brk ? 0 : -code};
    }
  }
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &response);
}

static void watch(int listener, int report, const struct kind *only, int code, unsigned number, const char *program) {
  struct pollfd readiness = {.fd = listener, .events = POLLIN};
  while (poll(&readiness, 1, -1) >= 0 || errno == EINTR) {
    if (readiness.revents & POLLIN) answer(listener, report, only, code, number, program);
    if (readiness.revents & POLLHUP) break;
  }
  tell(report, "");
  _exit(0);
}

int main(int count, char *arguments[]) {
  if (count < 6) {
    fprintf(stderr, "usage: fail-call REPORT CALL ERRNO NUMBER PROGRAM [ARGUMENT]...\n");
    return 64;
  }
  int report = atoi(arguments[1]), code = atoi(arguments[3]);
  unsigned number = (unsigned)atoi(arguments[4]);
  const struct kind *only = NULL;
  for (size_t i = 0; i < kind_count; i++)
    if (strcmp(arguments[2], kinds[i].name) == 0) only = &kinds[i];
  if (!only && strcmp(arguments[2], "all") != 0) {
    fprintf(stderr, "fail-call: unknown call %s\n", arguments[2]);
    return 64;
  }
  char program[PATH_MAX];
  if (!realpath(arguments[5], program)) fail(arguments[5]);

  // The listener, once there is one. Both processes have the same descriptors until this one becomes PROGRAM.
  _Atomic int *listener =
      mmap(NULL, sizeof *listener, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (listener == MAP_FAILED) fail("fail-call: mmap");
  *listener = -1;
  // PROGRAM is to have no child that it does not know about, so the parent of the watching process ends at once.
  pid_t between = fork_beside();
  if (between == 0) {
    if (fork_beside() != 0) _exit(0);
    setsid();
    while (*listener == -1) sched_yield();
    if (*listener >= 0) watch(*listener, report, only, code, number, program);
    _exit(0);
  }
  waitpid(between, NULL, 0);
  fcntl(report, F_SETFD, FD_CLOEXEC);
  int installed = install(only);
  if (installed < 0) {
    *listener = -2;
    fail("fail-call: seccomp");
  }
  *listener = installed;
  execv(program, arguments + 5);
  fail(program);
}
