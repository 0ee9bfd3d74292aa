// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets

/// The kernel's options for a socket.
struct SocketOptions: ParsableArguments {
  @OptionGroup var bufferSizes: BufferSizeOptions

  @Flag(help: "Send small writes at once (TCP_NODELAY).")
  var noDelay = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Probe a silent peer this often (SO_KEEPALIVE).", valueName: "duration"),
    completion: .duration, transform: ValueArgument.seconds)
  var keepalive: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The time to live, or hop limit, of packets: 1 to 255.", valueName: "n"),
    completion: .timeToLive, transform: ValueArgument.timeToLive)
  var ttl: Int?

  @Option(
    help: ArgumentHelp("The DSCP of packets, by name (ef, af41, cs1, le) or number.", valueName: "name"),
    completion: .codePoint,
    transform: ValueArgument.differentiatedServices)
  var dscp: DifferentiatedServices?

  @Option(
    help: ArgumentHelp("Use this network interface only (SO_BINDTODEVICE).", valueName: "name"),
    completion: .networkInterface,
    transform: ValueArgument.interfaceName)
  var interface: String?

  @Option(
    help: ArgumentHelp("The congestion control algorithm (TCP_CONGESTION).", valueName: "name"),
    completion: .congestionControl,
    transform: ValueArgument.nonEmpty)
  var congestion: String?

  @Flag(help: "Use TCP Fast Open.")
  var fastOpen = false

  @Flag(help: "Use Multipath TCP.")
  var mptcp = false

  @Flag(
    help: ArgumentHelp(
      "Use SCTP instead of TCP.",
      discussion: "It has no half-close: the end of the input ends both directions."))
  var sctp = false

  /// The options for the socket layer.
  ///
  /// - Parameters:
  ///   - rare: Those that few command lines have; `nil` if there are none.
  ///   - areOfSCTP: Whether they apply to sockets of SCTP too, besides `--sctp`.
  /// - Throws: A usage error for options that exclude each other, or that the endpoint's family does not have, or the
  ///   error of a file.
  func settings(
    for endpoint: Endpoint, _ rare: RareSocketOptions?, alsoOfSCTP areOfSCTP: Bool = false
  ) throws -> SocketSettings {
    if dscp != nil, rare?.tos != nil { throw ValidationError("--tos and --dscp exclude each other") }
    if mptcp, rare?.md5Key != nil { throw ValidationError("--md5-key and --mptcp exclude each other") }
    if let kind = endpoint.kindBesidesIP, let flag = internetOnlyFlag(rare) {
      throw ValidationError("\(flag) does not apply to \(kind)")
    }
    if sctp || areOfSCTP, let flag = (flagsOfTCP + (rare?.flagsOfTCP ?? [])).first(where: \.isGiven)?.name {
      throw ValidationError("\(flag) does not apply to SCTP")
    }
    var settings = SocketSettings()
    settings.sendBuffer = bufferSizes.sendBuffer
    settings.receiveBuffer = bufferSizes.receiveBuffer
    settings.isNoDelay = noDelay
    settings.keepalive = keepalive
    settings.timeToLive = ttl
    settings.differentiatedServices = dscp
    settings.interface = interface
    settings.congestion = congestion
    settings.isFastOpen = fastOpen
    settings.streamProtocol = sctp ? .sctp : mptcp ? .multipathTCP : .tcp
    try rare?.apply(to: &settings)
    return settings
  }

  /// The options that only TCP has, and whether each of them is given.
  private var flagsOfTCP: [(isGiven: Bool, name: String)] {
    [
      (keepalive != nil, "--keepalive"), (congestion != nil, "--congestion"), (fastOpen, "--fast-open"),
      (mptcp, "--mptcp"),
    ]
  }

  private func internetOnlyFlag(_ rare: RareSocketOptions?) -> String? {
    let flags: [(isGiven: Bool, name: String)] = [
      (noDelay, "--no-delay"), (keepalive != nil, "--keepalive"), (ttl != nil, "--ttl"),
      (dscp != nil, "--dscp"),
      (interface != nil, "--interface"), (congestion != nil, "--congestion"), (fastOpen, "--fast-open"),
      (mptcp, "--mptcp"), (sctp, "--sctp"),
    ]
    return (flags + (rare?.internetOnlyFlags ?? [])).first(where: \.isGiven)?.name
  }
}
