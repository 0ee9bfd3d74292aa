// SPDX-License-Identifier: GPL-3.0-or-later

#include "CBuild.h"

const char *const sockkit_commit = SOCKKIT_COMMIT;
