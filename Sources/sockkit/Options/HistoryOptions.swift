// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// What is kept of the lines that a person has edited.
struct HistoryOptions: ParsableArguments {
  @Flag(
    name: .customLong("no-history"),
    help: "On a terminal, do not keep the lines in $XDG_STATE_HOME/sockkit for the next session.")
  var isForgetful = false
}
