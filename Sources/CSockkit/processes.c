// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "processes.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int prepare(posix_spawnattr_t *attributes, posix_spawn_file_actions_t *actions, int input, int output) {
  sigset_t all, none;
  // Not sigfillset(3): it leaves out two signals that glibc reserves, and the program would then ignore them.
  memset(&all, 0xFF, sizeof all);
  sigemptyset(&none);
  int code = posix_spawnattr_setsigdefault(attributes, &all);
  if (code == 0) code = posix_spawnattr_setsigmask(attributes, &none);
  if (code == 0)
    code = posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (code == 0) code = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
  if (code == 0)
    code = output < 0 ? posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
                      : posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
  if (code == 0) code = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
  return code;
}

pid_t csockkit_spawn(const char *file, char *const arguments[], char *const environment[], int input, int output) {
  pid_t process = -1;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  int code = posix_spawnattr_init(&attributes);
  if (code == 0) {
    code = posix_spawn_file_actions_init(&actions);
    if (code == 0) {
      code = prepare(&attributes, &actions, input, output);
      if (code == 0) code = posix_spawnp(&process, file, &actions, &attributes, arguments, environment);
      posix_spawn_file_actions_destroy(&actions);
    }
    posix_spawnattr_destroy(&attributes);
  }
  if (code == 0) return process;
  errno = code;
  return -1;
}

int csockkit_open_process(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int csockkit_reap(pid_t process, struct csockkit_ending *ending) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG) != 0) return -1;
  if (info.si_pid == 0) return 0;
  int exited = info.si_code == CLD_EXITED;
  *ending = (struct csockkit_ending){exited ? info.si_status : -1, exited ? -1 : info.si_status};
  return 1;
}

const char *csockkit_signal_name(int signal) { return sigabbrev_np(signal); }

char **csockkit_environment(void) { return environ; }

int csockkit_peer(int descriptor, struct csockkit_peer *peer) {
  struct ucred credentials;
  socklen_t length = sizeof credentials;
  if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
  *peer = (struct csockkit_peer){credentials.pid, credentials.uid, credentials.gid};
  return 0;
}

enum { MOST_DESCRIPTORS = CSOCKKIT_MOST_DESCRIPTORS };

// The space for the descriptors of a message.
union control {
  struct cmsghdr header;
  char space[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
};

ssize_t csockkit_pass(int socket, const void *bytes, size_t length, const int *descriptors, int count) {
  union control control;
  size_t size = (size_t)count * sizeof *descriptors;
  memset(&control, 0, sizeof control);
  control.header.cmsg_len = CMSG_LEN(size);
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  memcpy(CMSG_DATA(&control.header), descriptors, size);
  struct iovec content = {.iov_base = (void *)bytes, .iov_len = length};
  struct msghdr message = {
      .msg_iov = &content, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = CMSG_SPACE(size)};
  return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t csockkit_take_passed(int socket, void *bytes, size_t length, int *descriptors, int *count) {
  union control control;
  struct iovec content = {.iov_base = bytes, .iov_len = length};
  struct msghdr message = {
      .msg_iov = &content, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.space};
  ssize_t result = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  *count = 0;
  if (result < 0) return result;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header != NULL && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
    *count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof *descriptors);
    memcpy(descriptors, CMSG_DATA(header), (size_t)*count * sizeof *descriptors);
  }
  return result;
}
