// SPDX-License-Identifier: GPL-3.0-or-later

#ifndef CBUILD_H
#define CBUILD_H

/// The commit that was built, or an empty text where the build was not told.
///
/// A target of its own, so that a new commit has nothing compiled again but this.
extern const char *const _Nonnull sockkit_commit;

#endif
