// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
package import Handshakes
package import Sockets
package import Transport

extension AccessControl {
  /// The time that a peer has for its header.
  private static let headerLimit = Duration.seconds(3)

  /// Reads the header of the PROXY protocol from the peers that have to send one; `nil` if there are none.
  func headerLayer(_ observer: any SessionObserver) -> StreamLayer? {
    guard expectsHeaders else { return nil }
    return { [self] transport in
      let proxy = transport.remote
      guard expectsHeader(from: proxy) else { return transport }
      return HandshakeStream(
        over: transport, ProxyHeaderReader(from: proxy) { self.admitsClient($0) }, within: Self.headerLimit
      ) { handshake in
        guard let header = (handshake as? ProxyHeaderReader)?.header else { return }
        observer.report(.proxyHeader(header, from: proxy))
      }
    }
  }
}

extension ProxyHeader {
  /// The header of a client whose connection is passed on: its ends, and what is known of its TLS.
  init(of client: any ByteStream) {
    self.init(Ends(from: client.remote, to: client.local))
    let attributes = client.attributes
    guard let version = attributes["SSL_PROTOCOL"] else { return }
    values.append(
      .tls(
        isVerified: attributes["SSL_CLIENT_VERIFY"] == "SUCCESS",
        hasCertificate: attributes["SSL_CLIENT_S_DN"] != nil, version: version,
        cipher: attributes["SSL_CIPHER"] ?? "",
        commonName: attributes["SSL_CLIENT_S_DN"].flatMap(Self.commonName)))
  }

  /// The common name in a distinguished name (RFC 4514).
  private static func commonName(_ subject: String) -> String? {
    subject.split(separator: ",").first { $0.hasPrefix("CN=") }.map { String($0.dropFirst(3)) }
  }

  /// Sends a header at the start of a connection that this side has opened.
  ///
  /// - Parameters:
  ///   - source: The address to name as the client's; `nil` for the local address of the connection.
  ///   - isProxied: Whether the peer is a proxy, so that the address of the target is not known.
  package static func layer(_ version: Version, from source: Address?, isProxied: Bool) -> StreamLayer {
    { transport in
      let ends = isProxied ? nil : Ends(from: source ?? transport.local, to: transport.remote)
      return HandshakeStream(over: transport, ProxyHeaderSender(ProxyHeader(ends), version))
    }
  }
}
