// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "names.h"

#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <unistd.h>

// The values of idn2.h, which is not needed to build.
enum { idn2_nfc_input = 1, idn2_nontransitional = 8 };

// Greater than all codes of libidn2, which are 0 or negative.
const int csockkit_idn_library_missing = 1;

static int (*lookup)(const uint8_t *name, uint8_t **encoded, int flags);
static void (*release)(void *pointer);
static const char *(*describe)(int code);

static void load_library(void) {
  void *library = dlopen("libidn2.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return;
  release = (void (*)(void *))dlsym(library, "idn2_free");
  describe = (const char *(*)(int))dlsym(library, "idn2_strerror");
  if (release == NULL || describe == NULL) return;
  lookup = (int (*)(const uint8_t *, uint8_t **, int))dlsym(library, "idn2_lookup_u8");
}

int csockkit_idn_encode(const char *name, char **encoded) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load_library);
  if (lookup == NULL) return csockkit_idn_library_missing;
  return lookup((const uint8_t *)name, (uint8_t **)encoded, idn2_nfc_input | idn2_nontransitional);
}

void csockkit_idn_free(char *encoded) { release(encoded); }

const char *csockkit_idn_error(int code) { return describe(code); }

const int csockkit_no_data = EAI_NODATA;

int csockkit_end_with_parent(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) == -1) return -1;
  if (getppid() == parent) return 0;
  errno = ESRCH;
  return -1;
}

void csockkit_close_from(int descriptor) { closefrom(descriptor); }
