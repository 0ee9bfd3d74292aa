// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTP
package import Sockets

/// A proxy's side of the handshake with its client, up to the request: SOCKS 4, 4a and 5, and HTTP, which are told apart
/// by the first byte.
///
/// It is complete with a request that is refused, too: the answer belongs to the end of the connection.
package struct ProxyRequestReader: Handshake {
  private let origin: ProxyRequestOrigin
  private let protocols: ProxyProtocols
  private var reader: (any ProxyRequestReading)?

  /// Expects a request.
  ///
  /// - Parameters:
  ///   - client: The client's address for messages.
  ///   - users: The users, one of whom the client has to be; `nil` for everyone.
  ///   - digest: The server's side of the Digest scheme, for users with known passwords; `nil` for none.
  ///   - style: How HTTP is spoken.
  package init(
    from client: Address, _ protocols: ProxyProtocols, users: UserList? = nil, digest: DigestAuthority? = nil,
    _ style: HTTPProxyStyle = HTTPProxyStyle()
  ) {
    origin = ProxyRequestOrigin(
      operation: .readRequest(from: "\(client)"), users: users, digest: digest, style: style,
      relaysDatagrams: protocols.contains(.datagrams))
    self.protocols = protocols
  }

  /// The request; `nil` before it is complete.
  package var request: ProxyRequest? { reader?.request }

  package var prematureEnd: IOFailure { origin.prematureEnd }

  package mutating func step(
    _ bytes: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    if reader == nil {
      guard bytes.count > 0 else { return .incomplete }
      reader = try makeReader(bytes[0])
    }
    return try reader?.step(bytes, &output) ?? .incomplete
  }

  package mutating func end() throws(IOFailure) {
    guard try reader?.end() != nil else { throw prematureEnd }
  }

  private func makeReader(_ first: UInt8) throws(IOFailure) -> any ProxyRequestReading {
    switch first {
    case 4 where protocols.contains(.socks): return SOCKS4RequestReader(origin)
    case 5 where protocols.contains(.socks): return SOCKS5RequestReader(origin)
    case UInt8(ascii: "A")...UInt8(ascii: "Z") where protocols.contains(.http):
      return HTTPRequestReader(origin)
    // There is no doubt about the protocol of the answer.
    case _ where protocols == .http: return HTTPRequestReader(origin, isForeign: true)
    default:
      let isEither = protocols.isSuperset(of: [.socks, .http])
      let expected = isEither ? "SOCKS or HTTP" : protocols.contains(.http) ? "HTTP" : "SOCKS"
      throw origin.failure(.peerProtocol("the client does not speak \(expected)"))
    }
  }
}

/// Reads a request of one protocol.
protocol ProxyRequestReading: Sendable {
  /// The request; `nil` before it is complete.
  var request: ProxyRequest? { get }
  /// Takes the bytes that were received, as a `Handshake` does.
  mutating func step(_ bytes: Span<UInt8>, _ output: inout [UInt8]) throws(IOFailure) -> HandshakeStep
  /// Takes the end of the client's stream, as a `Handshake` does.
  mutating func end() throws(IOFailure)
}

/// Where a request comes from, and who may send one.
struct ProxyRequestOrigin: Sendable {
  /// The reading of the request, for messages.
  let operation: Operation
  /// The users, one of whom the client has to be; `nil` for everyone.
  let users: UserList?
  /// The server's side of the Digest scheme; `nil` for none.
  let digest: DigestAuthority?
  /// How HTTP is spoken.
  let style: HTTPProxyStyle
  /// Whether datagrams are relayed.
  let relaysDatagrams: Bool

  /// The client's stream has ended before the request was complete.
  var prematureEnd: IOFailure { failure(.truncated("the connection ended before the request")) }

  /// A failure to read the request.
  func failure(_ reason: IOFailure.Reason) -> IOFailure { IOFailure(operation, reason) }

  /// A request that breaks the rules of its protocol.
  func malformed(_ words: String) -> IOFailure { failure(.peerProtocol(words)) }
}
