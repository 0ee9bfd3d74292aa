// SPDX-License-Identifier: GPL-3.0-or-later
//
// What the kernel and the libraries of this system offer.

#ifndef CSOCKKIT_SYSTEM_H
#define CSOCKKIT_SYSTEM_H

/// landlock_create_ruleset(2) with LANDLOCK_CREATE_RULESET_VERSION: the version of the ABI, or -1 with ENOSYS if the kernel
/// has no Landlock, or EOPNOTSUPP if it is off.
int csockkit_landlock_version(void);

/// OpenSSL_version(3): "OpenSSL 3.0.17 1 Jul 2025", or null if this system has no libcrypto.so.3. The library is loaded by
/// this call.
const char *csockkit_openssl_version(void);

#endif
