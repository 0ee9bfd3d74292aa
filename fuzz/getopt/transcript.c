// SPDX-License-Identifier: GPL-3.0-or-later

#define _GNU_SOURCE
#include "transcript.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_options = 127, most_words = 4096 };

char *getopt_transcript(const char *words, size_t size, const char *syntax, size_t syntax_size, size_t *length) {
  char letters[2 * most_options + 1] = "", *next = letters;
  struct option names[most_options + 1] = {{0}};
  // The indices of the options with a letter, and of those with a name.
  int of_letter[256], of_name[most_options], variables[most_options], index = 0, name_count = 0;
  for (const char *option = syntax; option < syntax + syntax_size; option += strlen(option) + 1, index++) {
    bool takes_value = option[1] == ':';
    if (option[0] != ' ') {
      of_letter[(unsigned char)option[0]] = index;
      *next++ = option[0];
      if (takes_value) *next++ = ':';
    }
    if (option[2] == 0) continue;
    // As in the programs: an option without a letter has the value 0, or sets a variable of its own.
    bool sets_variable = option[1] == '=';
    int value = sets_variable ? 1 : option[0] == ' ' ? 0 : option[0];
    names[name_count] = (struct option){option + 2, takes_value, sets_variable ? &variables[name_count] : NULL, value};
    of_name[name_count++] = index;
  }

  char *copy = malloc(size + 1), *arguments[most_words + 2] = {"p"};
  memcpy(copy, words, size);
  int argument_count = 1;
  for (size_t start = 0; start < size && argument_count <= most_words; start += strlen(copy + start) + 1)
    arguments[argument_count++] = copy + start;

  char *result = NULL, *message = NULL;
  size_t message_length = 0;
  FILE *output = open_memstream(&result, length), *errors = open_memstream(&message, &message_length);
  FILE *standard_error = stderr;
  stderr = errors;
  optind = 0;
  int found, name = -1;
  while ((found = getopt_long(argument_count, arguments, letters, names, &name)) != -1 && found != '?')
    fprintf(
      output, "o%d=%s%c", found == 0 ? of_name[name] : of_letter[found], optarg == NULL ? "" : optarg, 0);
  stderr = standard_error;
  fclose(errors);
  if (found == '?') {
    fputc('e', output);
    fwrite(message, 1, message_length > 0 ? message_length - 1 : 0, output);
    fputc(0, output);
  } else {
    for (int operand = optind; operand < argument_count; operand++) fprintf(output, "w%s%c", arguments[operand], 0);
  }
  fclose(output);
  free(message);
  free(copy);
  return result;
}
