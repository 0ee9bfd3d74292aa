// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// How long to wait for replies, and for how many.
struct ReplyOptions: ParsableArguments {
  @Option(
    name: [.customShort("W", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp(
      "Wait this long for replies, and print them.", discussion: "With --expect 10s, unless given.",
      valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var wait: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "End as soon as this many replies came.",
      discussion: "Once everything is sent. Status 75 if they did not come.", valueName: "n"),
    completion: .count, transform: ValueArgument.count)
  var expect: Int?

  @Flag(
    help:
      "Accept replies from any address and port, not only from the destination (TFTP, several addresses)."
  )
  var anySource = false

  private static let defaultPatience = Duration.seconds(10)

  /// How replies are handled; `nil` to wait for none.
  ///
  /// - Throws: A usage error for an option that has no effect.
  func rules(output: DatagramFormatOptions, for endpoint: Endpoint) throws -> DatagramReplies? {
    if anySource, let kind = endpoint.kindBesidesIP {
      throw ValidationError("--any-source does not apply to \(kind)")
    }
    guard wait != nil || expect != nil else {
      guard !anySource else {
        throw ValidationError("--any-source requires -W or --expect")
      }
      guard !output.isChosen else {
        throw ValidationError("--raw, --hex and --json format replies, and require -W or --expect")
      }
      return nil
    }
    return DatagramReplies(
      to: DatagramOutput(output.format), patience: wait ?? Self.defaultPatience, expected: expect,
      acceptsAnySource: anySource)
  }
}
