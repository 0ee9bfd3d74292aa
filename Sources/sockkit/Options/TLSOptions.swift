// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import TLS
import Usage

extension TLSVersion: ExpressibleByArgument {}
extension TLSServerSettings.ClientAuthentication: ExpressibleByArgument {}

extension NameSpecification {
  /// Whether connections are protected.
  static let tls: NameSpecification = [.customLong("tls"), .customLong("ssl")]
  /// Trusted authorities.
  static let authorities: NameSpecification = [.customLong("tls-ca"), .customLong("cacert")]
}

/// What both sides of a TLS connection can choose.
struct TLSOptions: ParsableArguments {
  @Flag(name: .tls, help: "Protect the connection with TLS, and verify the peer.")
  var tls = false

  @Option(
    name: .authorities, parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Trust these authorities in place of the system's.",
      discussion: "A file in PEM, or a directory made by 'openssl rehash'; may be repeated.",
      valueName: "file|dir"), completion: .file(), transform: ValueArgument.nonEmpty)
  var tlsCA: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Accept only a peer with this key or certificate.",
      discussion:
        "sha256//BASE64 for a key, as curl has it, or SHA256:HEX for a certificate, as nc has it; may be repeated. "
        + "Without --tls-ca it takes the place of the checks of authority and name.",
      valueName: "pin"), transform: TLSOptions.pin)
  var tlsPin: [Pin] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Our certificate and its chain.", discussion: "PEM, with or without the key, or PKCS#12.",
      valueName: "file"), completion: .file())
  var tlsCert: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("The key of our certificate, in PEM.", valueName: "file"),
    completion: .file())
  var tlsKey: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("A file with the password of our key.", valueName: "file"), completion: .file())
  var tlsKeyPasswordFile: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Application protocols to agree on, with the preferred one first (ALPN).", valueName: "list"),
    transform: TLSOptions.protocols)
  var tlsALPN: [String]?

  @Option(parsing: .unconditional, help: ArgumentHelp("Lowest version (default: 1.2).", valueName: "1.2|1.3"))
  var tlsMin: TLSVersion?

  @Option(parsing: .unconditional, help: ArgumentHelp("Highest version.", valueName: "1.2|1.3"))
  var tlsMax: TLSVersion?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Ciphers of both versions, in OpenSSL's syntax.", valueName: "list"))
  var tlsCiphers: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Groups for the key exchange, in OpenSSL's syntax.", valueName: "list"))
  var tlsGroups: String?

  @Option(
    name: .customLong("tls-keylog"), parsing: .unconditional,
    help: ArgumentHelp("Append the secrets to a file, for Wireshark.", valueName: "file"),
    completion: .file())
  var tlsKeyLog: String?

  @Option(
    name: .customLong("tls-crl"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Revocation lists, in PEM; may be repeated.", valueName: "file"), completion: .file(),
    transform: ValueArgument.nonEmpty)
  var tlsRevocationLists: [String] = []

  @Flag(help: "Refuse certificates that break a rule of RFC 5280.")
  var tlsStrict = false

  @Flag(help: "Accept an end of the connection without close_notify as the end.")
  var tlsAllowTruncation = false

  /// Rejects options that would have no effect, or exclude each other.
  func validate() throws {
    if tlsKey != nil || tlsKeyPasswordFile != nil, tlsCert == nil {
      throw ValidationError("\(tlsKey != nil ? "--tls-key" : "--tls-key-password-file") requires --tls-cert")
    }
    if let tlsMin, let tlsMax, tlsMin == .tls13, tlsMax == .tls12 {
      throw ValidationError("--tls-min \(tlsMin.rawValue) is above --tls-max \(tlsMax.rawValue)")
    }
  }

  /// The options besides `--tls`, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (!tlsCA.isEmpty, "--tls-ca"), (!tlsPin.isEmpty, "--tls-pin"), (tlsCert != nil, "--tls-cert"),
      (tlsALPN != nil, "--tls-alpn"), (tlsMin != nil, "--tls-min"), (tlsMax != nil, "--tls-max"),
      (tlsCiphers != nil, "--tls-ciphers"), (tlsGroups != nil, "--tls-groups"),
      (tlsKeyLog != nil, "--tls-keylog"), (!tlsRevocationLists.isEmpty, "--tls-crl"),
      (tlsStrict, "--tls-strict"), (tlsAllowTruncation, "--tls-allow-truncation"),
    ]
  }

  /// Rejects options for TLS without TLS.
  func refuseWithout(_ others: [(isGiven: Bool, name: String)]) throws {
    guard !tls, let flag = (flags + others).first(where: \.isGiven) else { return }
    throw ValidationError("\(flag.name) has no effect without --tls")
  }

  /// The settings of both sides.
  var settings: TLSSettings {
    var settings = TLSSettings()
    settings.minimum = tlsMin ?? (tlsMax == .tls12 ? .tls12 : settings.minimum)
    settings.maximum = tlsMax ?? settings.maximum
    settings.ciphers = tlsCiphers
    settings.groups = tlsGroups
    settings.applicationProtocols = tlsALPN ?? []
    settings.identity = tlsCert.map {
      IdentityFiles(certificate: $0, key: tlsKey, passwordFile: tlsKeyPasswordFile)
    }
    settings.authorities = tlsCA
    settings.pins = tlsPin
    settings.revocationLists = tlsRevocationLists
    settings.isStrict = tlsStrict
    settings.keyLog = tlsKeyLog
    settings.allowsTruncation = tlsAllowTruncation
    return settings
  }

  private static func pin(_ text: String) throws -> Pin {
    guard let pin = Pin(text) else {
      throw ValidationError("'\(text)' is not a pin such as sha256//BASE64 or SHA256:HEX")
    }
    return pin
  }

  private static func protocols(_ text: String) throws -> [String] {
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard names.allSatisfy({ (1...255).contains($0.utf8.count) }) else {
      throw ValidationError("'\(text)' is not a list of protocols such as h2,http/1.1")
    }
    return names
  }
}

/// How a client protects its connection.
struct TLSClientOptions: ParsableArguments {
  @OptionGroup var common: TLSOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The name that the server's certificate must be for (default: HOST).", valueName: "name"),
    completion: .hostName)
  var tlsName: String?

  @Option(
    name: .customLong("tls-sni"), parsing: .unconditional,
    help: ArgumentHelp("The server name to send, if it is another one, or none.", valueName: "name|none"),
    completion: .hostName)
  var tlsServerName: String?

  @Flag(help: "Do not verify the server.")
  var insecure = false

  /// Rejects options without TLS.
  func validate() throws {
    try common.refuseWithout([
      (tlsName != nil, "--tls-name"), (tlsServerName != nil, "--tls-sni"), (insecure, "--insecure"),
    ])
    if insecure,
      let flag = [(!common.tlsPin.isEmpty, "--tls-pin"), (!common.tlsCA.isEmpty, "--tls-ca")].first(
        where: \.0)
    {
      throw ValidationError("--insecure and \(flag.1) exclude each other")
    }
  }

  /// The protection of connections to an endpoint; `nil` without TLS.
  ///
  /// - Throws: A usage error, or a failure if the library or a file cannot be used.
  func protection(of endpoint: Endpoint, _ observer: any SessionObserver) throws -> Protection? {
    guard common.tls else { return nil }
    let name: String
    switch endpoint {
    case .internet(let host, _): name = try encoded(tlsName ?? host ?? "localhost")
    case .unix:
      guard let tlsName else {
        throw ValidationError("--tls over a Unix socket requires --tls-name: a path is not a name to verify")
      }
      name = try encoded(tlsName)
    }
    var settings = TLSClientSettings(name: name)
    settings.common = common.settings
    settings.isVerified = !insecure
    switch tlsServerName {
    case nil: settings.indication = IPAddress(name) == nil ? name : nil
    case "none"?: settings.indication = nil
    case let other?: settings.indication = try encoded(other)
    }
    return try Protection.client(settings, of: "\(endpoint)", observer)
  }

  /// The form of a name in certificates: that of DNS, without a final dot.
  private func encoded(_ name: String) throws -> String {
    do {
      let name = try InternationalName.encode(name)
      return name.hasSuffix(".") ? String(name.dropLast()) : name
    } catch {
      throw ValidationError("'\(name)': \(error)")
    }
  }
}

/// How a server protects the connections of its clients.
struct TLSServerOptions: ParsableArguments {
  @OptionGroup var common: TLSOptions

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
      "Whether clients need a certificate (default: none).",
      discussion: "require and request need --tls-client-ca or --tls-pin.", valueName: "none|request|require")
  )
  var tlsClientAuth: TLSServerSettings.ClientAuthentication?

  @Option(
    name: .customLong("tls-client-ca"), parsing: .unconditional,
    help: ArgumentHelp("The authority of clients' certificates.", valueName: "file"), completion: .file())
  var tlsClientCA: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The name that a client's certificate must have; *.DOMAIN.", valueName: "pattern"))
  var tlsClientName: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Time that a client has for the handshake (default: 10s).", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var handshakeTimeout: Duration?

  /// Rejects options without TLS, and TLS without a certificate.
  func validate() throws {
    try common.refuseWithout([
      (tlsSelfSigned, "--tls-self-signed"), (tlsSelfSignedNames != nil, "--tls-self-signed-names"),
      (tlsClientAuth != nil, "--tls-client-auth"), (tlsClientCA != nil, "--tls-client-ca"),
      (tlsClientName != nil, "--tls-client-name"), (handshakeTimeout != nil, "--handshake-timeout"),
    ])
    guard common.tls else { return }
    if tlsSelfSigned || tlsSelfSignedNames != nil {
      if common.tlsCert != nil {
        throw ValidationError("--tls-self-signed and --tls-cert exclude each other")
      }
    } else if common.tlsCert == nil {
      throw ValidationError("--tls requires --tls-cert FILE, or --tls-self-signed for a new certificate")
    }
    let hasTrust = tlsClientCA != nil || !common.tlsCA.isEmpty || !common.tlsPin.isEmpty
    if authentication != .none, !hasTrust {
      throw ValidationError(
        "--tls-client-auth \(authentication.rawValue) requires --tls-client-ca FILE or --tls-pin PIN")
    }
    if authentication == .none, tlsClientName != nil || hasTrust {
      throw ValidationError("clients are asked for no certificate with --tls-client-auth none")
    }
  }

  /// Whether clients need a certificate. An authority is given for no other purpose.
  private var authentication: TLSServerSettings.ClientAuthentication {
    let hasTrust = tlsClientCA != nil || !common.tlsCA.isEmpty || !common.tlsPin.isEmpty
    return tlsClientAuth ?? (hasTrust || tlsClientName != nil ? .require : .none)
  }

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
    var settings = TLSServerSettings()
    settings.common = common.settings
    if common.tlsALPN == nil { settings.common.applicationProtocols = protocols }
    settings.common.authorities += [tlsClientCA].compactMap { $0 }
    settings.clientAuthentication = authentication
    settings.clientName = tlsClientName
    settings.sendsTickets = !isForOne
    settings.handshakeLimit = handshakeTimeout.map { TimingOptions.limit($0) } ?? settings.handshakeLimit
    if tlsSelfSigned || tlsSelfSignedNames != nil {
      settings.selfSignedNames = tlsSelfSignedNames ?? names(of: endpoint)
    }
    return try Protection.server(settings, observer)
  }

  /// The names and addresses by which clients reach an endpoint.
  private func names(of endpoint: Endpoint) -> [String] {
    let loopback = ["localhost", "127.0.0.1", "::1"]
    guard case .internet(let host, _) = endpoint else { return ["localhost"] }
    guard let host, host != "*" else {
      return [SystemInventory.hostName].compactMap { $0 } + loopback
        + SystemInventory.addresses.filter { !$0.isLoopback && !$0.lacksZone && !"\($0)".contains("%") }.map {
          "\($0)"
        }
    }
    guard let address = IPAddress(host) else { return [host] }
    return address.isLoopback ? ["localhost", "\(address)"] : ["\(address)"]
  }
}
