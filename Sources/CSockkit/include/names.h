// SPDX-License-Identifier: GPL-3.0-or-later
//
// What looking names up needs from C: internationalised names.

#ifndef CSOCKKIT_NAMES_H
#define CSOCKKIT_NAMES_H

/// idn2_lookup_u8(3) of libidn2, as glibc's AI_IDN calls it: the name as DNS knows it, by IDNA 2008. The library
/// is loaded by the first call, so that a program without such names neither needs nor waits for it.
///
/// Returns 0 and a text to be freed by csockkit_idn_free, csockkit_idn_library_missing, or another number of
/// libidn2, which csockkit_idn_error words.
int csockkit_idn_encode(const char *name, char **encoded);
extern const int csockkit_idn_library_missing;

/// idn2_free(3).
void csockkit_idn_free(char *encoded);

/// idn2_strerror(3); not for csockkit_idn_library_missing.
const char *csockkit_idn_error(int code);

/// The EAI_NODATA that glibc declares under _GNU_SOURCE.
extern const int csockkit_no_data;

#endif
