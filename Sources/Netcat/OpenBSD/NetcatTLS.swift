// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sessions
import Sockets
import TLS

/// How `nc` protects its connection: by the names of our own options, and by those letters of LibreSSL's `nc` that Debian's
/// build leaves free. Each of them turns TLS on.
package struct NetcatTLS: Sendable {
  /// Whether the connection is protected.
  package private(set) var isOn = false
  private var (certificate, key, name): (String?, String?, String?)
  private var authorities: [String] = []
  private var pins: [Pin] = []
  private var (verifies, verifiesName, asksForCertificate) = (true, true, false)
  private var allowsTruncation = false
  private var staple: String?
  private var requiresStaple = false
  private var applicationProtocols: [String] = []
  private var ciphers: String?
  private var versions = TLSVersion.tls12...TLSVersion.tls13

  /// Takes an option.
  ///
  /// - Returns: Why the value is refused; `nil` if it is accepted.
  package mutating func take(_ name: NetcatOptions.Name, _ value: String) -> String? {
    isOn = true
    switch name {
    case .tlsCertificate: certificate = value
    case .tlsKey: key = value
    case .tlsAuthority: authorities.append(value)
    case .tlsName: self.name = value
    case .tlsInsecure: verifies = false
    case .tlsTruncation: allowsTruncation = true
    case .tlsPin:
      guard let pin = Pin(value) else { return "hash must be of the form SHA256:digest: \(value)" }
      pins.append(pin)
    case .tlsStaple: staple = value
    default: break
    }
    return nil
  }

  /// Takes a keyword of `-T`.
  ///
  /// - Returns: Whether it is one about TLS; otherwise it is a type of service.
  package mutating func take(keyword: String) -> Bool {
    let parts = keyword.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    switch (parts[0], parts.count > 1 ? parts[1] : nil) {
    case ("noverify", nil): verifies = false
    case ("noname", nil): verifiesName = false
    case ("clientcert", nil): asksForCertificate = true
    case ("muststaple", nil): requiresStaple = true
    case ("alpn", let list?): applicationProtocols = list.split(separator: ",").map(String.init)
    case ("ciphers", let list?): ciphers = list
    case ("protocols", let list?):
      guard let range = Self.versions(list) else { return false }
      versions = range
    default: return false
    }
    isOn = true
    return true
  }

  /// Why options cannot be combined; `nil` if they can.
  ///
  /// - Parameter listens: Whether it listens.
  func conflict(listens: Bool) -> String? {
    let conflicts: [(Bool, String)] = [
      (staple != nil && !listens, "must use -l with -o"),
      (staple != nil && certificate == nil, "you must specify --tls-cert to use -o"),
      (requiresStaple && listens, "cannot use -T muststaple and -l"),
      (requiresStaple && !verifies, "-T muststaple and -T noverify may not be used together"),
      (requiresStaple && !pins.isEmpty && authorities.isEmpty, "must use -R with -H and -T muststaple"),
    ]
    return conflicts.first(where: \.0)?.1
  }

  /// The versions in a list of `tls_config_parse_protocols(3)`, without those that are not secure.
  private static func versions(_ list: String) -> ClosedRange<TLSVersion>? {
    var versions: [TLSVersion] = []
    for word in list.split(whereSeparator: { ",:".contains($0) }) {
      switch word {
      case "all", "secure", "default", "legacy", "tlsv1": versions += TLSVersion.allCases
      case "tlsv1.2": versions.append(.tls12)
      case "tlsv1.3": versions.append(.tls13)
      default: return nil
      }
    }
    guard let (least, most) = versions.min().flatMap({ least in versions.max().map { (least, $0) } }) else {
      return nil
    }
    return least...most
  }

  private var common: TLSSettings {
    var settings = TLSSettings()
    settings.identity = certificate.map { IdentityFiles(certificate: $0, key: key) }
    settings.authorities = authorities
    settings.pins = pins
    settings.applicationProtocols = applicationProtocols
    settings.ciphers = ciphers
    settings.allowsTruncation = allowsTruncation
    (settings.minimum, settings.maximum) = (versions.lowerBound, versions.upperBound)
    return settings
  }

  /// The protection of a connection to a host; `nil` without TLS.
  ///
  /// - Throws: A failure if the library or a file cannot be used.
  package func protection(of host: String, _ observer: any SessionObserver) throws(Failure) -> Protection? {
    guard isOn else { return nil }
    let name = name ?? host
    var settings = TLSClientSettings(name: name)
    settings.common = common
    settings.indication = IPAddress(name) == nil ? name : nil
    settings.isVerified = verifies
    settings.verifiesName = verifiesName
    settings.requiresStaple = requiresStaple
    return try Protection.client(settings, of: host, observer)
  }

  /// The protection of connections from clients; `nil` without TLS.
  ///
  /// - Throws: A usage error without a certificate, or a failure if the library or a file cannot be used.
  package func protectionOfClients(_ observer: any SessionObserver) throws(Failure) -> Protection? {
    guard isOn else { return nil }
    guard certificate != nil else { throw Failure(.usage, "--tls-cert is required with -l and TLS") }
    var settings = TLSServerSettings()
    settings.common = common
    settings.staple = staple
    settings.clientAuthentication = asksForCertificate ? .require : .none
    return try Protection.server(settings, observer)
  }
}
