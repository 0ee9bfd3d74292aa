// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sockets

/// The kernel's options for a socket that few command lines have.
struct RareSocketOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The type of service of packets: lowdelay and others, or a byte.",
      discussion:
        "One of \(DifferentiatedServices.classicNames.map(\.name).joined(separator: ", ")), or 0 to 255.",
      valueName: "n"),
    completion: .typeOfService, transform: ValueArgument.typeOfService)
  var tos: DifferentiatedServices?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Drop packets that arrive with a smaller time to live: 0 to 255.", valueName: "n"),
    completion: .timeToLive, transform: ValueArgument.minimumTimeToLive)
  var minTTL: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The largest segment in bytes, 88 to 32767 (TCP_MAXSEG).", valueName: "n"),
    completion: .segmentSize, transform: ValueArgument.segmentSize)
  var mss: Int?

  @Flag(help: "Send whole segments only, until the end of the input (TCP_CORK).")
  var cork = false

  @Flag(help: "Acknowledge at once what is read (TCP_QUICKACK).")
  var quickAck = false

  @Option(
    name: .customLong("md5-key"), parsing: .unconditional,
    help: ArgumentHelp("Sign segments with the key in this file (RFC 2385).", valueName: "file"),
    completion: .file(), transform: ValueArgument.nonEmpty)
  var md5Key: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Mark packets for the rules of this system (SO_MARK).", valueName: "n"),
    completion: .mark, transform: ValueArgument.mark)
  var mark: UInt32?

  @Flag(help: "Turn on debugging in the kernel (SO_DEBUG).")
  var debugSocket = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Any other option, such as tcp:syncnt:2; may be repeated.",
      discussion:
        "LEVEL and NAME are names or numbers, and VALUE is a number, string:TEXT or hex:BYTES.",
      valueName: "level:name:value"),
    completion: .anyOption, transform: ValueArgument.socketOption)
  var sockopt: [RequestedOption] = []

  /// The options that only sockets of IP have, and whether each of them is given.
  var internetOnlyFlags: [(isGiven: Bool, name: String)] {
    [
      (tos != nil, "--tos"), (minTTL != nil, "--min-ttl"), (mss != nil, "--mss"), (cork, "--cork"),
      (quickAck, "--quick-ack"), (md5Key != nil, "--md5-key"), (mark != nil, "--mark"),
      (debugSocket, "--debug-socket"),
    ] + sockopt.filter { !$0.isOfSocket }.map { (true, "--sockopt \($0.text)") }
  }

  /// The options that only TCP has, and whether each of them is given.
  var flagsOfTCP: [(isGiven: Bool, name: String)] {
    [
      (mss != nil, "--mss"), (cork, "--cork"), (quickAck, "--quick-ack"), (md5Key != nil, "--md5-key"),
    ]
  }

  /// Adds the options to others.
  ///
  /// - Throws: The failure to read the file of the key.
  func apply(to settings: inout SocketSettings) throws {
    settings.differentiatedServices = tos ?? settings.differentiatedServices
    settings.minimumTimeToLive = minTTL
    settings.maximumSegment = mss
    settings.isCorked = cork
    settings.isQuickAcknowledging = quickAck
    settings.signatureKey = try md5Key.map { (path) throws(IOFailure) in
      try SignatureKey(fromFile: path)
    }
    settings.mark = mark
    settings.isDebugging = debugSocket
    settings.requested = sockopt
  }
}
