// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// Which peers may connect, how many may wait in the backlog, and the grace period.
struct AdmissionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How many connections may wait to be accepted (default: what the system allows).", valueName: "n"),
    completion: .count, transform: ValueArgument.count)
  var backlog: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The time that open connections have to finish when the program is stopped (default: 5s).",
      valueName: "duration"), completion: .duration, transform: ValueArgument.duration)
  var grace: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Accept a client once it has sent something (TCP_DEFER_ACCEPT).",
      discussion: "After this time, 1s to 32767s, it is accepted all the same.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.seconds)
  var deferAccept: Duration?

  @OptionGroup var lists: AccessOptions

  /// Rejects options that a listener of SCTP does not have.
  func checkSCTP() throws {
    if deferAccept != nil { throw ValidationError("--defer-accept does not apply to SCTP") }
  }
}
