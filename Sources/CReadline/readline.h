// SPDX-License-Identifier: GPL-3.0-or-later
// GNU readline, whose headers take FILE for granted.

#include <stdio.h>

#include <readline/history.h>
#include <readline/readline.h>
