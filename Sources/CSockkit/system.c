// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "system.h"

#include <dlfcn.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// The values of linux/landlock.h, which headers older than Linux 5.13 do not have. All architectures have this number.
enum { create_ruleset = 444, create_ruleset_version = 1 };

int csockkit_landlock_version(void) { return (int)syscall(create_ruleset, NULL, 0, create_ruleset_version); }

const char *csockkit_openssl_version(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return NULL;
  const char *(*version)(int) = (const char *(*)(int))dlsym(library, "OpenSSL_version");
  return version == NULL ? NULL : version(0);
}
