// SPDX-License-Identifier: GPL-3.0-or-later
//
// Giving up privileges: what glibc hides behind _GNU_SOURCE, and capset(2), for which it has no function.

#ifndef CSOCKKIT_PRIVILEGES_H
#define CSOCKKIT_PRIVILEGES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/// setresuid(2) and setresgid(2): the real, the effective and the saved ID, in all threads.
int csockkit_set_user(uid_t user);
int csockkit_set_group(gid_t group);

/// Whether the real, the effective and the saved IDs are all these, by getresuid(2) and getresgid(2).
bool csockkit_is_user(uid_t user, gid_t group);

/// capget(2): the permitted capabilities of this thread, a bit each.
int csockkit_capabilities(uint64_t *permitted);

/// capset(2) for this thread: the capabilities that stay effective and permitted; none is inheritable. Before it, prctl(2)
/// with PR_CAP_AMBIENT_CLEAR_ALL, so that no program that is run has one either.
int csockkit_limit_capabilities(uint64_t kept);

/// prctl(2) with PR_SET_NO_NEW_PRIVS for this thread: no program that is run gets privileges that this process lacks.
int csockkit_forbid_new_privileges(void);

#endif
