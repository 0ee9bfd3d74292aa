// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions
import Sockets
import TLS

extension TLSServerSettings.ClientAuthentication: ExpressibleByArgument {}

/// How a server protects the connections of its clients.
struct TLSServerOptions: ParsableArguments {
  @OptionGroup var common: TLSOptions
  @OptionGroup var accepting: TLSAcceptingOptions

  /// Rejects options without TLS, and TLS without a certificate.
  func validate() throws {
    guard common.tls else { return try common.refuseAll(and: accepting.flags) }
    try accepting.validate(with: common, trusting: trust)
  }

  private var trust: [String] { common.tlsCA + [accepting.tlsClientCA].compactMap { $0 } }

  /// The protection of connections from clients; `nil` without TLS.
  ///
  /// - Parameters:
  ///   - isForOne: Whether there is only one connection, so that its client cannot resume the session.
  ///   - protocols: The application protocols, unless others are requested.
  /// - Throws: A failure if the library or a file cannot be used.
  func protection(
    on endpoint: Endpoint, isForOne: Bool = false, speaking protocols: [String] = [],
    _ observer: any SessionObserver
  ) throws -> Protection? {
    guard common.tls else { return nil }
    var shared = common.settings
    if common.tlsALPN == nil { shared.applicationProtocols = protocols }
    var settings = settings(shared, on: endpoint)
    settings.sendsTickets = !isForOne
    return try Protection.server(settings, observer)
  }

  /// The settings of a server.
  ///
  /// - Parameter common: The settings of both sides.
  func settings(_ common: TLSSettings, on endpoint: Endpoint) -> TLSServerSettings {
    var common = common
    common.authorities = trust
    return accepting.settings(common, on: endpoint)
  }
}

/// How a server presents itself, and verifies clients.
struct TLSAcceptingOptions: ParsableArguments {
  @Flag(help: "Use a new certificate that only --tls-pin verifies.")
  var tlsSelfSigned = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Names and addresses of that certificate (default: those listened on).", valueName: "list"),
    completion: .hostName, transform: { $0.split(separator: ",").map(String.init) })
  var tlsSelfSignedNames: [String]?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Send this OCSP response, in DER, with the certificate.", valueName: "file"), completion: .file())
  var tlsStaple: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Whether clients need a certificate (default: none).",
      discussion: "The default is require if there is something to verify it by.",
      valueName: "none|request|require"))
  var tlsClientAuth: TLSServerSettings.ClientAuthentication?

  @Option(
    name: .customLong("tls-client-ca"), parsing: .unconditional,
    help: ArgumentHelp("The authority of clients' certificates.", valueName: "file"), completion: .file())
  var tlsClientCA: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The name that a client's certificate must have, or *.DOMAIN.", valueName: "pattern"),
    completion: .hostName)
  var tlsClientName: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Time that a client has for the handshake (default: 10s).", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var handshakeTimeout: Duration?

  /// The options, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (tlsSelfSigned, "--tls-self-signed"), (tlsSelfSignedNames != nil, "--tls-self-signed-names"),
      (tlsStaple != nil, "--tls-staple"), (tlsClientAuth != nil, "--tls-client-auth"),
      (tlsClientCA != nil, "--tls-client-ca"),
      (tlsClientName != nil, "--tls-client-name"), (handshakeTimeout != nil, "--handshake-timeout"),
    ]
  }

  private var isSelfSigned: Bool { tlsSelfSigned || tlsSelfSignedNames != nil }

  /// Rejects a server without a certificate, and options that exclude each other.
  ///
  /// - Parameter trust: The files of authorities that clients are verified by.
  func validate(with common: TLSOptions, trusting trust: [String]) throws {
    switch (isSelfSigned, common.tlsCert) {
    case (true, .some): throw ValidationError("--tls-self-signed and --tls-cert exclude each other")
    case (false, nil):
      throw ValidationError("--tls requires --tls-cert FILE, or --tls-self-signed for a new certificate")
    default: break
    }
    if isSelfSigned, tlsStaple != nil {
      throw ValidationError(
        "--tls-staple requires --tls-cert: no authority knows a certificate of --tls-self-signed")
    }
    let hasTrust = !trust.isEmpty || !common.tlsPin.isEmpty
    switch tlsClientAuth {
    case TLSServerSettings.ClientAuthentication.none? where hasTrust || tlsClientName != nil:
      throw ValidationError("with --tls-client-auth none clients are asked for no certificate to verify")
    case .request? where !hasTrust, .require? where !hasTrust, nil where !hasTrust && tlsClientName != nil:
      let option = tlsClientAuth.map { "--tls-client-auth \($0.rawValue)" } ?? "--tls-client-name"
      throw ValidationError("\(option) requires --tls-client-ca FILE or --tls-pin PIN")
    default: break
    }
  }

  /// The settings of a server.
  ///
  /// - Parameter common: The settings of both sides, with the authorities of clients.
  func settings(_ common: TLSSettings, on endpoint: Endpoint) -> TLSServerSettings {
    var settings = TLSServerSettings()
    settings.common = common
    let hasTrust = !common.authorities.isEmpty || !common.pins.isEmpty
    settings.clientAuthentication = tlsClientAuth ?? (hasTrust ? .require : .none)
    settings.clientName = tlsClientName
    settings.staple = tlsStaple
    if let handshakeTimeout { settings.handshakeLimit = TimingOptions.limit(handshakeTimeout) }
    if isSelfSigned { settings.selfSignedNames = tlsSelfSignedNames ?? Self.names(of: endpoint) }
    return settings
  }

  /// The names and addresses by which clients reach an endpoint.
  private static func names(of endpoint: Endpoint) -> [String] {
    guard case .internet(let host, _) = endpoint else { return ["localhost"] }
    guard let host, host != "*" else {
      // A link-local address means something only together with an interface, which certificates do not have.
      let own = SystemInventory.addresses.filter { !$0.isLoopback && !$0.hasZone }
      return [SystemInventory.hostName].compactMap { $0 } + ["localhost", "127.0.0.1", "::1"]
        + own.map { "\($0)" }
    }
    guard let address = IPAddress(host) else { return [host] }
    return address.isLoopback ? ["localhost", "\(address)"] : ["\(address)"]
  }
}
