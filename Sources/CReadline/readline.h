// SPDX-License-Identifier: GPL-3.0-or-later
// GNU readline, whose headers expect FILE to be declared.

#include <stdio.h>
#include <wchar.h>

#include <readline/history.h>
#include <readline/readline.h>

// Declarations for a program that draws around the line, which readline keeps in a private header:

// Whether keys that were pushed back are still to be read.
extern int _rl_pushed_input_available (void);

// The number of rows that the line takes on the screen, less one.
extern int _rl_vis_botlin;

// Whether text that is typed ahead is read and inserted at once.
extern int _rl_optimize_typeahead;

// The number of columns of a character; <wchar.h> declares it only for X/Open.
extern int wcwidth (wchar_t);
