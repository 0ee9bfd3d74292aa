// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef CBUILD_H
#define CBUILD_H

/// The commit that was built, or an empty text if it was not passed to the build.
///
/// In its own target, so that a new commit recompiles nothing else.
extern const char *const _Nonnull sockkit_commit;

#endif
