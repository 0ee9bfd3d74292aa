// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets
import Text

/// Which messages are sent, how often and how fast.
struct MessageOptions: ParsableArguments {
  @Flag(help: #"Understand \n, \t, \0, \\ and \xNN in messages."#)
  var escapes = false

  @Flag(help: "Keep the newline of each input line.")
  var keepNewline = false

  @Flag(help: "Send all of standard input as one datagram.")
  var whole = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Send standard input in blocks of this size.", valueName: "size"),
    completion: .datagramSize, transform: ValueArgument.datagramSize)
  var block: Int?

  @Flag(help: "Send one datagram of no bytes.")
  var empty = false

  @Option(
    name: [.customShort("c", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Send each datagram this many times.", valueName: "n"), completion: .count,
    transform: ValueArgument.count)
  var count: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Pause this long between datagrams.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var interval: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Send at most this many datagrams a second.", valueName: "pps"),
    completion: .count, transform: ValueArgument.datagramRate)
  var rate: Duration?

  /// Rejects options that exclude each other.
  func validate() throws {
    guard [keepNewline, whole, block != nil, empty].count(where: { $0 }) <= 1 else {
      throw ValidationError("--keep-newline, --whole, --block and --empty exclude each other")
    }
    if interval != nil && rate != nil { throw ValidationError("--interval and --rate exclude each other") }
  }

  /// How fast datagrams are sent.
  var schedule: SendSchedule { SendSchedule(interval: interval ?? rate) }

  /// The source of the messages: the words of the command line, or standard input if there are none.
  func source(_ words: [String]) throws -> MessageSource {
    guard words.isEmpty else {
      if keepNewline || whole || block != nil || empty {
        throw ValidationError(
          "--keep-newline, --whole, --block and --empty exclude MESSAGE arguments such as '\(words[0])'")
      }
      return .given(try words.map(bytes))
    }
    if escapes { throw ValidationError("--escapes requires MESSAGE arguments") }
    if empty { return .given([[]]) }
    let rule: MessageFraming.Rule =
      whole ? .whole : block.map { .blocks($0) } ?? .lines(keepsNewline: keepNewline)
    return .input(StandardStream(.input), rule)
  }

  private func bytes(_ message: String) throws -> [UInt8] {
    guard escapes else { return ByteText.bytes(of: message) }
    guard let bytes = TextEscapes.bytes(of: message) else {
      throw ValidationError(
        "the message '\(message)' is invalid with --escapes: expected \(TextEscapes.accepted)")
    }
    return bytes
  }
}
