// SPDX-License-Identifier: GPL-3.0-or-later
// GNU readline, whose headers take FILE for granted.

#include <stdio.h>
#include <wchar.h>

#include <readline/history.h>
#include <readline/readline.h>

// What a program that draws around the line has to know, and what readline keeps in a header of its own:

// Whether keys that were taken back are still to be read.
extern int _rl_pushed_input_available (void);

// The rows that the line takes on the screen, less one.
extern int _rl_vis_botlin;

// Whether text that is typed ahead is read and inserted at once.
extern int _rl_optimize_typeahead;

// The columns of a character, which <wchar.h> keeps for programs that ask for X/Open.
extern int wcwidth (wchar_t);
