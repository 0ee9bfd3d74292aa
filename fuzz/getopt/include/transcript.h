// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <stddef.h>

/// What getopt_long(3) makes of a command line: for each option `o`, its index, `=` and its value, or at the first error
/// `e` and the message, and otherwise `w` and an operand for each of them. A NUL ends each of these.
///
/// - Parameters:
///   - words: The words behind the name of the program, which is `p`; a NUL ends each of them.
///   - size: The number of bytes of the words.
///   - syntax: At most 127 options: the letter of each or a space, `:` if it takes a value and otherwise a space, its long
///     name, which may be empty, and a NUL.
///   - syntax_size: The number of bytes of the syntax.
///   - length: Set to the number of bytes of the result.
/// - Returns: Memory to be freed.
char *getopt_transcript(const char *words, size_t size, const char *syntax, size_t syntax_size, size_t *length);
