// SPDX-License-Identifier: GPL-3.0-or-later
//
// C functions for look-ups: internationalised names, and processes that look names up.

#ifndef CSOCKKIT_NAMES_H
#define CSOCKKIT_NAMES_H

#include <sys/types.h>

/// idn2_lookup_u8(3) of libidn2, as glibc's AI_IDN calls it: the name in DNS form, by IDNA 2008. The library is loaded
/// by the first call, so a program without such names neither needs nor loads it.
///
/// Returns 0 and a text to be freed by csockkit_idn_free, csockkit_idn_library_missing, or another code of libidn2, for
/// csockkit_idn_error.
int csockkit_idn_encode(const char *name, char **encoded);
extern const int csockkit_idn_library_missing;

/// idn2_free(3).
void csockkit_idn_free(char *encoded);

/// idn2_strerror(3); not for csockkit_idn_library_missing.
const char *csockkit_idn_error(int code);

/// The EAI_NODATA that glibc declares under _GNU_SOURCE.
extern const int csockkit_no_data;

/// prctl(2) with PR_SET_PDEATHSIG: makes the kernel kill this process when its parent ends. Returns -1 with ESRCH if
/// the parent, whose process ID was `parent`, has already ended.
int csockkit_end_with_parent(pid_t parent);

/// closefrom(3): closes this descriptor and all above it.
void csockkit_close_from(int descriptor);

#endif
