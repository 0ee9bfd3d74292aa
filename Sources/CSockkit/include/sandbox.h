// SPDX-License-Identifier: GPL-3.0-or-later
//
// Landlock and seccomp(2), for which glibc has no functions. Both only take something away from a process, for good, and from
// the processes that it starts.

#ifndef CSOCKKIT_SANDBOX_H
#define CSOCKKIT_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

/// The rights of Landlock to files, one bit each.
enum csockkit_file_right {
  CSOCKKIT_EXECUTE = 1 << 0,
  CSOCKKIT_WRITE_FILE = 1 << 1,
  CSOCKKIT_READ_FILE = 1 << 2,
  CSOCKKIT_READ_DIRECTORY = 1 << 3,
  CSOCKKIT_REMOVE_DIRECTORY = 1 << 4,
  CSOCKKIT_REMOVE_FILE = 1 << 5,
  CSOCKKIT_MAKE_DIRECTORY = 1 << 7,
  CSOCKKIT_MAKE_FILE = 1 << 8,
  CSOCKKIT_MAKE_SOCKET = 1 << 9,
  CSOCKKIT_REFER = 1 << 13,
  CSOCKKIT_TRUNCATE = 1 << 14,
  CSOCKKIT_CONTROL_DEVICE = 1 << 15,
};

/// The rights of Landlock to TCP ports.
enum csockkit_port_right {
  CSOCKKIT_BIND = 1 << 0,
  CSOCKKIT_CONNECT = 1 << 1,
};

/// landlock_create_ruleset(2): returns the descriptor of a set of rules, or -1. Without a rule, it forbids all rights to files
/// that version `abi` of Landlock knows, and those to ports in `ports`. With `is_scoped`, it forbids signals to processes
/// outside, and with `scopes_sockets` connections to their abstract Unix sockets. What the version does not know is not
/// forbidden.
int csockkit_landlock_create(int abi, uint64_t ports, bool is_scoped, bool scopes_sockets);

/// landlock_add_rule(2) for a file, or for a directory and all below it: `rights`, as far as the version and the type of the
/// file have them. A file that cannot be opened is left out. Returns -1 with `errno` if the rule is not there, but needed.
int csockkit_landlock_allow_path(int ruleset, int abi, const char *path, uint64_t rights);

/// The same for an open file.
int csockkit_landlock_allow_file(int ruleset, int abi, int descriptor, uint64_t rights);

/// The same for the directories of all libraries that are loaded, by dl_iterate_phdr(3).
int csockkit_landlock_allow_libraries(int ruleset, int abi, uint64_t rights);

/// landlock_add_rule(2) for a TCP port.
int csockkit_landlock_allow_port(int ruleset, uint16_t port, uint64_t rights);

/// landlock_restrict_self(2) for this thread, and those that it starts.
int csockkit_landlock_restrict(int ruleset);

/// The system calls that a filter refuses.
struct csockkit_call_filter {
  /// Whether those that only administrators and debuggers need are refused, and a program that is run ends the process.
  bool refuses_administration;
  /// Whether changes of the modes, owners, times and extended attributes of files by their paths are refused.
  bool refuses_attributes;
  /// Whether sockets of Multipath TCP are allowed.
  bool allows_multipath;
  /// Whether bind(2), listen(2) and connect(2) are refused.
  bool refuses_binding;
  bool refuses_connecting;
  /// The families of sockets that may be created, one bit each.
  uint64_t families;
};

/// seccomp(2) with a filter for all threads. Refused calls fail with EPERM; clone3(2) with ENOSYS, since a filter cannot see
/// its arguments and glibc then uses clone(2). Returns -1 for an error, and the ID of a thread that cannot have the filter.
int csockkit_filter_calls(const struct csockkit_call_filter *filter);

/// seccomp(2) with a filter that allows what a process calls that serves one connection, and ends the process at any other call.
/// Calls with the paths of files are allowed only if it serves files. Returns as csockkit_filter_calls.
int csockkit_filter_worker(bool serves_files);

#endif
