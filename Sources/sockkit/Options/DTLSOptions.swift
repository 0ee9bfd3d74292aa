// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions
import Sockets
import TLS

/// What both sides of a DTLS session can choose.
struct DTLSOptions: ParsableArguments {
  @Option(
    name: .customLong("dtls-mtu"), parsing: .unconditional,
    help: ArgumentHelp(
      "With --tls over UDP: largest datagram of a handshake, in bytes (default: 1200).", valueName: "n"),
    completion: .count, transform: ValueArgument.count)
  var datagramSize: Int?

  /// Rejects a size that the library does not work with.
  func validate() throws {
    let sizes = TLSSettings.datagramSizes
    guard let datagramSize, !sizes.contains(datagramSize) else { return }
    throw ValidationError("--dtls-mtu \(datagramSize): expected \(sizes.lowerBound) to \(sizes.upperBound)")
  }

  /// The option, and whether it is given.
  var flag: (isGiven: Bool, name: String) { (datagramSize != nil, "--dtls-mtu") }

  /// Rejects options of TLS that mean nothing for DTLS 1.2.
  func check(_ common: TLSOptions) throws {
    let version = "over UDP the version is DTLS 1.2"
    if common.tlsMin == .tls13 { throw ValidationError("--tls-min 1.3: \(version)") }
    if common.tlsMax == .tls13 { throw ValidationError("--tls-max 1.3: \(version)") }
    if common.tlsAllowTruncation {
      throw ValidationError("--tls-allow-truncation has no effect over UDP, where each message is whole")
    }
  }

  /// The settings for datagrams.
  func settings(_ common: TLSSettings) -> TLSSettings {
    var settings = common
    settings.isDatagram = true
    (settings.minimum, settings.maximum) = (.tls12, .tls12)
    if let datagramSize { settings.datagramSize = datagramSize }
    return settings
  }
}

/// How sent datagrams are protected.
struct DTLSSendingOptions: ParsableArguments {
  @OptionGroup var common: TLSOptions
  @OptionGroup var verifying: TLSVerifyingOptions
  @OptionGroup var dtls: DTLSOptions

  /// Rejects options without TLS, and those that exclude each other.
  func validate() throws {
    guard common.tls else { return try common.refuseAll(and: verifying.flags + [dtls.flag]) }
    try verifying.validate(with: common)
    try dtls.check(common)
  }

  /// The protection of datagrams to an endpoint; `nil` without TLS.
  ///
  /// - Throws: A usage error, or a failure if the library or a file cannot be used.
  func protection(of endpoint: Endpoint, _ observer: any SessionObserver) throws -> SenderProtection? {
    guard common.tls else { return nil }
    let settings = try verifying.settings(dtls.settings(common.settings), of: endpoint)
    return try SenderProtection(settings, of: "\(endpoint)", observer)
  }
}

/// How received datagrams are protected.
struct DTLSReceivingOptions: ParsableArguments {
  @OptionGroup var server: TLSServerOptions
  @OptionGroup var dtls: DTLSOptions

  @Option(
    name: .maximumConnections, parsing: .unconditional,
    help: ArgumentHelp("With --tls: limit on senders at a time (default: 1000).", valueName: "n"),
    completion: .count, transform: ValueArgument.count)
  var maximumSessions: Int?

  @Option(
    name: .idleTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "With --tls: end the session of a silent sender (default: 5m).", discussion: "0: never.",
      valueName: "duration"), completion: .duration, transform: ValueArgument.duration)
  var idleTimeout: Duration?

  private static var defaultIdle: Duration { .seconds(300) }

  /// Rejects options without TLS, and those that mean nothing for datagrams.
  func validate() throws {
    guard server.common.tls else {
      return try TLSOptions.refuse([
        dtls.flag, (maximumSessions != nil, "--max-connections"), (idleTimeout != nil, "--idle-timeout"),
      ])
    }
    try dtls.check(server.common)
  }

  /// The protection of datagrams that arrive at an endpoint; `nil` without TLS.
  ///
  /// - Throws: A failure if the library or a file cannot be used.
  func protection(on endpoint: Endpoint, _ observer: any SessionObserver) throws -> ReceiverProtection? {
    guard server.common.tls else { return nil }
    return try ReceiverProtection(
      server.settings(dtls.settings(server.common.settings), on: endpoint), limit: maximumSessions,
      idle: TimingOptions.limit(idleTimeout ?? Self.defaultIdle), observer)
  }
}

/// How an echo server protects connections and datagrams.
struct TLSEchoOptions: ParsableArguments {
  @OptionGroup var server: TLSServerOptions
  @OptionGroup var dtls: DTLSOptions

  /// Rejects options that have no effect on what is served.
  func validate(servesDatagrams: Bool, servesConnections: Bool) throws {
    guard server.common.tls, servesDatagrams else {
      guard dtls.flag.isGiven else { return }
      throw ValidationError("--dtls-mtu requires --udp and --tls")
    }
    if !servesConnections { try dtls.check(server.common) }
  }

  /// The protection of datagrams; `nil` without TLS.
  ///
  /// - Parameter connections: The protection of connections; `nil` if none are served.
  /// - Throws: A failure if the library or a file cannot be used.
  func datagramProtection(
    on endpoint: Endpoint, beside connections: Protection?, limit: Int?, idle: Duration?,
    _ observer: any SessionObserver
  ) throws -> ReceiverProtection? {
    guard server.common.tls else { return nil }
    return try ReceiverProtection(
      server.settings(dtls.settings(server.common.settings), on: endpoint), beside: connections, limit: limit,
      idle: idle, observer)
  }
}
