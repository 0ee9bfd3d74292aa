// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine

/// How received datagrams are printed.
struct DatagramFormatOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      "Write just the payload, unchanged.", discussion: "Nothing is written between datagrams."))
  var raw = false

  @Flag(help: "Write a hex dump.")
  var hex = false

  @Flag(
    help: ArgumentHelp(
      "Write one JSON object per datagram.",
      discussion: "It has time, source, destination, length, truncated, and text or base64."))
  var json = false

  /// Rejects options that exclude each other.
  func validate() throws {
    guard [raw, hex, json].count(where: { $0 }) <= 1 else {
      throw ValidationError("--raw, --hex and --json exclude each other")
    }
  }

  /// Whether a format was chosen.
  var isChosen: Bool { raw || hex || json }

  /// The chosen format; text for people by default.
  var format: any DatagramFormat {
    if raw { return RawDatagramFormat() }
    if hex { return HexDatagramFormat() }
    return json ? JSONDatagramFormat() : TextDatagramFormat()
  }
}
