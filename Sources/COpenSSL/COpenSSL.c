// SPDX-License-Identifier: GPL-3.0-or-later

#include "COpenSSL.h"

#include <dlfcn.h>

struct openssl_functions openssl;

const char *copenssl_load(void) {
  void *const libssl = dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  if (libssl == NULL) return dlerror();
  void *const libcrypto = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (libcrypto == NULL) return dlerror();
#define LOOK_UP(library, name) \
  openssl.name = (__typeof__(openssl.name))dlsym(library, #name); \
  if (openssl.name == NULL) return dlerror();
#define OF_LIBSSL(name) LOOK_UP(libssl, name)
#define OF_LIBCRYPTO(name) LOOK_UP(libcrypto, name)
  COPENSSL_OF_LIBSSL(OF_LIBSSL)
  COPENSSL_OF_LIBCRYPTO(OF_LIBCRYPTO)
  return NULL;
}
