// SPDX-License-Identifier: GPL-3.0-or-later
//
// Running other programs: posix_spawn(3) with what glibc hides behind _GNU_SOURCE, and process descriptors.

#ifndef CSOCKKIT_PROCESSES_H
#define CSOCKKIT_PROCESSES_H

#include <sys/types.h>

/// posix_spawnp(3) in its own process group, with every signal at its default and none blocked. The program has `input`
/// and `output` as its descriptors 0 and 1, inherits 2, and has no others; an `output` of -1 is /dev/null. Returns its
/// process ID, or -1.
pid_t csockkit_spawn(const char *file, char *const arguments[], char *const environment[], int input, int output);

/// pidfd_open(2), close-on-exec: readable once the process has ended.
int csockkit_open_process(pid_t process);

/// How a process ended: its status, or the signal that killed it; the other of the two is -1.
struct csockkit_ending {
  int status;
  int signal;
};

/// waitid(2) with P_PID, WEXITED and WNOHANG: returns 1 if the process has ended, which reaps it, or 0 if it is
/// running.
int csockkit_reap(pid_t process, struct csockkit_ending *ending);

/// sigabbrev_np(3): "HUP", or null for an unknown number.
const char *csockkit_signal_name(int signal);

/// environ(7).
char **csockkit_environment(void);

/// The process at the other end of a Unix socket.
struct csockkit_peer {
  pid_t process;
  uid_t user;
  gid_t group;
};

/// getsockopt(2) with SO_PEERCRED.
int csockkit_peer(int descriptor, struct csockkit_peer *peer);

/// The largest number of descriptors of one message.
enum { CSOCKKIT_MOST_DESCRIPTORS = 3 };

/// sendmsg(2) with SCM_RIGHTS, on a Unix socket: a message of at least one byte, with 1 to 3 descriptors.
ssize_t csockkit_pass(int socket, const void *bytes, size_t length, const int *descriptors, int count);

/// recvmsg(2) of such a message, which may have none. There is room for 3 descriptors; they are close-on-exec. Returns the
/// length of the message, 0 at end-of-stream, or -1.
ssize_t csockkit_take_passed(int socket, void *bytes, size_t length, int *descriptors, int *count);

#endif
