// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Handshakes
import Sessions
import Sockets
import TLS
import Text

/// How a client protects its connection.
struct TLSClientOptions: ParsableArguments {
  @OptionGroup var common: TLSOptions
  @OptionGroup var verifying: TLSVerifyingOptions

  @Option(
    name: .customLong("starttls"), parsing: .unconditional,
    help: ArgumentHelp(
      "Ask for TLS in this protocol first; implies --tls.", discussion: "\(Self.startTLSNames).",
      valueName: "protocol"),
    completion: .list(StartTLSProtocol.allCases.map(\.rawValue)), transform: Self.startTLSProtocol)
  var startTLS: StartTLSProtocol?

  /// Whether connections are protected.
  var isOn: Bool { common.tls || startTLS != nil }

  /// The options that turn TLS on, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] { [(common.tls, "--tls"), (startTLS != nil, "--starttls")] }

  /// Rejects options without TLS, and those that exclude each other.
  func validate() throws {
    if !isOn { try common.refuseAll(and: verifying.flags) }
    try verifying.validate(with: common)
  }

  /// The protection of connections to an endpoint; `nil` without TLS.
  ///
  /// - Throws: A usage error, or a failure if the library or a file cannot be used.
  func protection(of endpoint: Endpoint, _ observer: any SessionObserver) throws -> Protection? {
    guard isOn else { return nil }
    return try Protection.client(
      try verifying.settings(common.settings, of: endpoint), of: "\(endpoint)", startedBy: startTLS,
      observer)
  }

  /// The protection that is agreed on to check ports of an endpoint; `nil` without TLS.
  ///
  /// - Parameters:
  ///   - validity: The time for which the server's certificate must remain valid.
  ///   - established: Called with each certificate, from any thread.
  /// - Throws: A usage error, or a failure if the library or a file cannot be used.
  func protectionOfCheck(
    of endpoint: Endpoint, validFor validity: Duration, _ observer: any SessionObserver,
    established: @escaping @Sendable (TLSSummary, Address) -> Void
  ) throws -> Protection? {
    guard isOn else { return nil }
    var settings = try verifying.settings(common.settings, of: endpoint)
    settings.minimumValidity = validity
    return try Protection.client(settings, of: nil, startedBy: startTLS, observer, established: established)
  }

  private static let startTLSNames = StartTLSProtocol.allCases.map(\.rawValue).joined(separator: ", ")

  private static func startTLSProtocol(_ name: String) throws -> StartTLSProtocol {
    guard let service = StartTLSProtocol(rawValue: name) else {
      throw ValidationError("'\(name)' is not a protocol that --starttls knows: \(startTLSNames)")
    }
    return service
  }
}

/// How `connect` protects its connection.
struct TLSConnectOptions: ParsableArguments {
  @OptionGroup var client: TLSClientOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With -z and --tls: require a certificate that remains valid for this long.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var tlsMinValidity: Duration?

  /// Rejects options that have no effect with or without a check.
  func validate(isCheck: Bool) throws {
    if tlsMinValidity != nil, !isCheck || !client.isOn {
      throw ValidationError("--tls-min-validity requires -z and --tls")
    }
  }
}

/// How a client verifies a server.
struct TLSVerifyingOptions: ParsableArguments {
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

  @Option(
    name: .customLong("tls-session"), parsing: .unconditional,
    help: ArgumentHelp(
      "Resume the session in this file, and keep the next one in it.", valueName: "file"),
    completion: .file())
  var tlsSessionFile: String?

  @Flag(
    help: ArgumentHelp(
      "Require an OCSP response with the server's certificate.",
      discussion: "It must be valid, and say that the certificate is good."))
  var tlsRequireStaple = false

  @Flag(help: "Do not verify the server.")
  var insecure = false

  /// The options, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (tlsName != nil, "--tls-name"), (tlsServerName != nil, "--tls-sni"),
      (tlsSessionFile != nil, "--tls-session"), (tlsRequireStaple, "--tls-require-staple"),
      (insecure, "--insecure"),
    ]
  }

  /// Rejects options that exclude each other.
  func validate(with common: TLSOptions) throws {
    let trust = [
      (!common.tlsPin.isEmpty, "--tls-pin"), (!common.tlsCA.isEmpty, "--tls-ca"),
      (tlsRequireStaple, "--tls-require-staple"),
    ]
    if insecure, let flag = trust.first(where: \.0) {
      throw ValidationError("--insecure and \(flag.1) exclude each other")
    }
    guard tlsRequireStaple else { return }
    if tlsSessionFile != nil {
      throw ValidationError(
        "--tls-require-staple and --tls-session exclude each other: a resumed session has no OCSP response")
    }
    if !common.tlsPin.isEmpty, common.tlsCA.isEmpty {
      throw ValidationError(
        "--tls-require-staple with --tls-pin requires --tls-ca: a pin alone verifies no authority, which signs the OCSP response"
      )
    }
  }

  /// The settings of a client.
  ///
  /// - Throws: A usage error.
  func settings(_ common: TLSSettings, of endpoint: Endpoint) throws -> TLSClientSettings {
    let name: String
    switch endpoint {
    case .internet(let host, _): name = try Self.encoded(tlsName ?? host ?? "localhost")
    case .inherited: preconditionFailure("an inherited socket is not a server")
    case .unix, .vsock:
      guard let tlsName else {
        let isPath = if case .unix = endpoint { true } else { false }
        throw ValidationError(
          "TLS over \(endpoint.kindBesidesIP ?? "") requires --tls-name: "
            + "a \(isPath ? "path" : "CID") is not a name to verify")
      }
      name = try Self.encoded(tlsName)
    }
    var settings = TLSClientSettings(name: name)
    settings.common = common
    settings.isVerified = !insecure
    settings.sessionFile = tlsSessionFile
    settings.requiresStaple = tlsRequireStaple
    switch tlsServerName {
    case nil: settings.indication = IPAddress(name) == nil ? name : nil
    case "none"?: settings.indication = nil
    case let other?:
      guard IPAddress(other) == nil else {
        throw ValidationError("'\(other)' is an address, and --tls-sni is for names only")
      }
      settings.indication = try Self.encoded(other)
    }
    return settings
  }

  /// The form of a name in certificates: that of DNS, without a final dot.
  private static func encoded(_ name: String) throws -> String {
    guard IPAddress(name) == nil else { return name }
    do {
      let encoded = try InternationalName.encode(name)
      let labels = (encoded.hasSuffix(".") ? String(encoded.dropLast()) : encoded)
        .split(separator: ".", omittingEmptySubsequences: false)
      // An empty name would be verified by any certificate, and one that begins with a dot by any of its domain.
      let isName = labels.allSatisfy { label in
        (1...63).contains(label.utf8.count)
          && label.utf8.allSatisfy {
            $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
          }
      }
      guard isName, encoded.utf8.count <= 253 else {
        throw ValidationError("'\(name)' is not a name that a certificate could be for")
      }
      return labels.joined(separator: ".")
    } catch let error as LookupFailure {
      throw ValidationError("'\(name)': \(error)")
    }
  }
}
