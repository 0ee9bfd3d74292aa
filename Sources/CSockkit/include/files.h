// SPDX-License-Identifier: GPL-3.0-or-later
//
// Opening files beneath a directory: openat2(2), for which the C library has no function, and the flags that glibc
// hides behind _GNU_SOURCE. Paths are bytes in no particular encoding, ended by a zero byte.

#ifndef CSOCKKIT_FILES_H
#define CSOCKKIT_FILES_H

#include <stddef.h>
#include <sys/types.h>

/// openat2(2) for reading, with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS: ELOOP if the path contains a link. It does not
/// block on a FIFO or a terminal. ENOSYS before Linux 5.6.
int csockkit_open_beneath(int directory, const char *path);

/// The same with O_PATH: locates a file without opening it, which would have effects on a FIFO or a device.
int csockkit_find_beneath(int directory, const char *path);

/// openat2(2) of a directory with RESOLVE_IN_ROOT: its path is what it would be after chroot(2). ENOSYS before Linux 5.6.
int csockkit_open_directory(int root, const char *path);

/// openat(2) for reading, otherwise the same, for a name that must not be a link: ELOOP if it is one.
int csockkit_open_final(int directory, const char *name);

/// openat(2) with O_PATH: a position in the tree; for a link, the link itself. It cannot be read from.
int csockkit_open_place(int directory, const char *name);

/// fchownat(2) of what csockkit_open_place opened; the largest ID leaves the user or the group as it is.
int csockkit_change_owner(int place, uid_t user, gid_t group);

/// readlinkat(2) of a link that csockkit_open_place opened; the text has no terminating zero byte.
ssize_t csockkit_read_link(int link, unsigned char *target, size_t capacity);

/// renameat2(2) within a directory, with RENAME_NOREPLACE: EEXIST if the new name exists, EINVAL if the file system
/// does not support it.
int csockkit_rename_exclusively(int directory, const char *name, const char *new_name);

/// getdents64(2): records of d_ino (8 bytes), d_off (8), d_reclen (2), d_type (1) and the name with its zero byte.
ssize_t csockkit_read_directory(int directory, unsigned char *records, size_t capacity);

#endif
