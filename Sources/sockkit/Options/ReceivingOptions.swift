// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser

/// How much is received, for how long, and how much may be buffered.
struct ReceivingOptions: ParsableArguments {
  @Option(
    name: [.customShort("c", allowingJoined: true), .long], parsing: .unconditional,
    help: ArgumentHelp("Stop after this many datagrams.", valueName: "n"), completion: .count,
    transform: ValueArgument.count)
  var count: Int?

  @Flag(help: "Look at the first datagram without taking it (MSG_PEEK); end, or with -c look again.")
  var peek = false

  @Flag(help: "Stop with status 0 at an empty datagram, which is not printed.")
  var endOnEmpty = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stop after this time.", discussion: "Status 75 if nothing came, or fewer than -c asks for.",
      valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var timeout: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Ask for a receive buffer of this size (default: 8M, or what the system allows).", valueName: "size"),
    completion: .size, transform: ValueArgument.socketBufferSize)
  var receiveBuffer: Int?
}
