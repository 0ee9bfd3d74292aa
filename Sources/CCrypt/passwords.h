// SPDX-License-Identifier: GPL-3.0-or-later
// crypt(3) of libxcrypt: https://github.com/besser82/libxcrypt

#include <crypt.h>
#include <stdbool.h>

/// The size in bytes of the working memory of crypt_rn(3).
static const int sockkit_crypt_size = sizeof(struct crypt_data);

/// crypt_checksalt(3): whether a hash is of a method that the library has, and has not disabled.
static inline bool sockkit_crypt_knows(const char *hash) {
  switch (crypt_checksalt(hash)) {
    case CRYPT_SALT_INVALID:
    case CRYPT_SALT_METHOD_DISABLED:
      return false;
    default:
      return true;
  }
}
