// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions
import Sockets
import TLS

/// How a forwarder protects the connections from clients, and those to the target.
struct TLSForwardOptions: ParsableArguments {
  @OptionGroup var common: TLSOptions
  @OptionGroup var accepting: TLSAcceptingOptions

  @Flag(help: "Protect the connections to the target with TLS, and verify it.")
  var tlsTarget = false

  @OptionGroup var verifying: TLSVerifyingOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Our certificate for the target, in PEM or PKCS#12.", valueName: "file"),
    completion: .file())
  var tlsTargetCert: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The key of that certificate, in PEM.", valueName: "file"), completion: .file())
  var tlsTargetKey: String?

  /// Rejects options that would have no effect.
  func validate() throws {
    if !common.tls {
      let ofClients = accepting.flags + [(common.tlsCert != nil, "--tls-cert")]
      if let flag = ofClients.first(where: \.isGiven) {
        throw ValidationError("\(flag.name) has no effect without --tls, towards clients")
      }
    } else {
      try accepting.validate(with: clientOptions, trusting: trust)
    }
    if !tlsTarget {
      let ofTarget =
        verifying.flags + [
          (!common.tlsCA.isEmpty, "--tls-ca"), (!common.tlsPin.isEmpty, "--tls-pin"),
          (tlsTargetCert != nil, "--tls-target-cert"), (tlsTargetKey != nil, "--tls-target-key"),
        ]
      if let flag = ofTarget.first(where: \.isGiven) {
        throw ValidationError("\(flag.name) has no effect without --tls-target")
      }
      if !common.tls { try common.refuseAll() }
    } else {
      try verifying.validate(with: common)
    }
    if tlsTargetKey != nil, tlsTargetCert == nil {
      throw ValidationError("--tls-target-key requires --tls-target-cert")
    }
  }

  /// The files of authorities that clients are verified by; --tls-ca is for the target.
  private var trust: [String] { [accepting.tlsClientCA].compactMap { $0 } }

  /// The common options as they apply to clients: the pins are the target's.
  private var clientOptions: TLSOptions {
    var options = common
    options.tlsPin = []
    return options
  }

  /// The protection of connections from clients; `nil` without TLS.
  ///
  /// - Throws: A failure if the library or a file cannot be used.
  func clientProtection(on endpoint: Endpoint, _ observer: any SessionObserver) throws -> Protection? {
    guard common.tls else { return nil }
    var shared = common.settings
    shared.authorities = trust
    shared.pins = []
    return try Protection.server(accepting.settings(shared, on: endpoint), observer)
  }

  /// The protection of connections to the target; `nil` without TLS.
  ///
  /// - Throws: A usage error, or a failure if the library or a file cannot be used.
  func targetProtection(of endpoint: Endpoint, _ observer: any SessionObserver) throws -> Protection? {
    guard tlsTarget else { return nil }
    var shared = common.settings
    shared.identity = tlsTargetCert.map { IdentityFiles(certificate: $0, key: tlsTargetKey) }
    return try Protection.client(
      try verifying.settings(shared, of: endpoint), of: "\(endpoint)", observer)
  }
}
