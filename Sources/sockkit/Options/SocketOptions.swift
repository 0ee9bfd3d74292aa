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

  @OptionGroup var rare: RareOptions<RareSocketOptions>

  /// Rejects options that exclude each other.
  func validate() throws {
    if dscp != nil, rare.given?.tos != nil { throw ValidationError("--tos and --dscp exclude each other") }
    if mptcp, rare.given?.md5Key != nil { throw ValidationError("--md5-key and --mptcp exclude each other") }
  }

  /// The options for the socket layer.
  ///
  /// - Throws: A usage error for an option that the endpoint's family does not have, or the error of a file.
  func settings(for endpoint: Endpoint) throws -> SocketSettings {
    if case .unix = endpoint, let flag = internetOnlyFlag {
      throw ValidationError("\(flag) does not apply to a Unix socket")
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
    settings.isMultipath = mptcp
    try rare.given?.apply(to: &settings)
    return settings
  }

  private var internetOnlyFlag: String? {
    let flags: [(isGiven: Bool, name: String)] = [
      (noDelay, "--no-delay"), (keepalive != nil, "--keepalive"), (ttl != nil, "--ttl"),
      (dscp != nil, "--dscp"),
      (interface != nil, "--interface"), (congestion != nil, "--congestion"), (fastOpen, "--fast-open"),
      (mptcp, "--mptcp"),
    ]
    return (flags + (rare.given?.internetOnlyFlags ?? [])).first(where: \.isGiven)?.name
  }
}
