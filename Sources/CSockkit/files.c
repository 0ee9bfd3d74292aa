// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { reading = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

static int open_beneath(int directory, const char *path, unsigned flags) {
  struct open_how how = {.flags = flags, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
  return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int csockkit_open_beneath(int directory, const char *path) {
  return open_beneath(directory, path, reading);
}

int csockkit_find_beneath(int directory, const char *path) {
  return open_beneath(directory, path, O_PATH | O_CLOEXEC);
}

int csockkit_open_directory(int root, const char *path) {
  struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

int csockkit_open_final(int directory, const char *name) {
  return openat(directory, name, reading | O_NOFOLLOW);
}

int csockkit_open_place(int directory, const char *name) {
  return openat(directory, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int csockkit_change_owner(int place, uid_t user, gid_t group) {
  return fchownat(place, "", user, group, AT_EMPTY_PATH);
}

ssize_t csockkit_read_link(int link, unsigned char *target, size_t capacity) {
  return readlinkat(link, "", (char *)target, capacity);
}

int csockkit_rename_exclusively(int directory, const char *name, const char *new_name) {
  return renameat2(directory, name, directory, new_name, RENAME_NOREPLACE);
}

ssize_t csockkit_read_directory(int directory, unsigned char *records, size_t capacity) {
  return getdents64(directory, records, capacity);
}
