// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import TLS

extension TLSVersion: ExpressibleByArgument {}

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
      "Trust these authorities instead of those of the system.",
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
    completion: .list(["h2", "http/1.1"]), transform: TLSOptions.protocols)
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
    help: ArgumentHelp("Groups for the key exchange, in OpenSSL's syntax.", valueName: "list"),
    completion: .list(["X25519", "P-256", "P-384", "X448"]))
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

  /// Rejects the options besides `--tls`, and others for TLS, of a connection without TLS.
  func refuseAll(and others: [(isGiven: Bool, name: String)] = []) throws {
    try Self.refuse(flags + others)
  }

  /// Rejects options that have no effect without `--tls`.
  static func refuse(_ flags: [(isGiven: Bool, name: String)]) throws {
    guard let flag = flags.first(where: \.isGiven) else { return }
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

  /// A pin of a key or a certificate.
  static func pin(_ text: String) throws -> Pin {
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
