// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine

/// How datagrams are answered.
struct AnswerOptions: ParsableArguments {
  @Flag(help: "Send every datagram back to its sender.")
  var echo = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Send every datagram back, after this text.",
      discussion: #"\n, \t and \xNN are understood."#, valueName: "text"),
    transform: ValueArgument.escapedText)
  var prefix: [UInt8]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Answer every datagram with this text.", discussion: #"\n, \t and \xNN are understood."#,
      valueName: "text"),
    transform: ValueArgument.escapedText)
  var reply: [UInt8]?

  /// Rejects options that exclude each other.
  func validate() throws {
    if reply != nil, echo || prefix != nil {
      throw ValidationError("--reply excludes --echo and --prefix, which answer with the question")
    }
  }

  /// The answer to each datagram; `nil` for none.
  var answer: DatagramAnswer? {
    if let reply { return .fixed(reply) }
    return echo || prefix != nil ? .echo(prefix: prefix ?? []) : nil
  }
}
