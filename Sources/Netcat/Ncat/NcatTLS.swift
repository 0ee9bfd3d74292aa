// SPDX-License-Identifier: GPL-3.0-or-later

package import Engine
package import Sessions
import Sockets
import TLS

/// The protection that a command line of `ncat` asks for.
package struct NcatTLS {
  /// The options of the command line.
  package let options: NcatOptions

  /// That of a client; `nil` for none.
  ///
  /// - Parameter host: The host of the command line.
  /// - Throws: The reason why the library or a file cannot be used.
  package func client(to host: String, _ observer: any SessionObserver) throws(Failure) -> Protection? {
    guard options.usesTLS else { return nil }
    let name = options.serverName ?? host
    var settings = TLSClientSettings(name: name)
    settings.common = common
    // Authorities are given to verify by.
    settings.isVerified = options.verifies || options.trustFile != nil
    // As in the original; the certificates of small sites often have no alternative names.
    settings.acceptsCommonName = true
    settings.indication = IPAddress(name) == nil ? name : nil
    return try .client(settings, of: nil, observer)
  }

  /// That of a listener, with a new certificate if none is given; `nil` for none.
  ///
  /// - Parameter host: The host that it listens on; `nil` for all.
  /// - Throws: The reason why the library or a file cannot be used.
  package func server(on host: String?, _ observer: any SessionObserver) throws(Failure)
    -> Protection?
  {
    guard options.usesTLS else { return nil }
    var settings = TLSServerSettings()
    settings.common = common
    // The original's clients read none before they close, and would reset the connection.
    settings.sendsTickets = false
    if options.certificate == nil {
      settings.selfSignedNames = [host ?? "localhost"]
      settings.selfSignedKey = .rsa
    }
    return try .server(settings, observer)
  }

  private var common: TLSSettings {
    var settings = TLSSettings()
    settings.ciphers = options.ciphers
    settings.applicationProtocols = options.alpn?.split(separator: ",").map(String.init) ?? []
    settings.identity = options.certificate.map { IdentityFiles(certificate: $0, key: options.key) }
    settings.authorities = options.trustFile.map { [$0] } ?? []
    // The original always ends without close_notify.
    settings.allowsTruncation = true
    return settings
  }
}
