// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions

/// What is recorded of forwarded traffic, from the target's point of view.
struct ForwardRecordingOptions: ParsableArguments {
  @Option(
    name: [.customShort("o", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Write all bytes to a file, in the order they are sent and received; with several connections they are mixed, and -x keeps them apart.",
      valueName: "file"),
    completion: .file(),
    transform: ValueArgument.recordFile)
  var record: String?

  @Option(
    help: ArgumentHelp("Write the bytes that the target is sent to a file.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.recordFile)
  var recordSent: String?

  @Option(
    help: ArgumentHelp("Write the bytes that come from the target to a file.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.recordFile)
  var recordReceived: String?

  @Option(
    name: [.customShort("x", allowingJoined: true), .long],
    help: ArgumentHelp(
      "Write a hex dump; '-' is standard error.",
      discussion: "Each line has the client, the direction, the time and the offset.", valueName: "file"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var hexDump: String?

  @Flag(help: "Append to record and dump files that exist.")
  var append = false

  @Flag(help: "Overwrite record and dump files that exist; by default they are an error.")
  var force = false

  /// Rejects options that exclude each other, or that require another.
  func validate() throws { try paths.validate(appends: append, replaces: force) }

  /// The files to write.
  var paths: RecordPaths {
    RecordPaths(
      both: record, sent: recordSent, received: recordReceived, hexDump: hexDump, appends: append,
      replaces: force)
  }
}
