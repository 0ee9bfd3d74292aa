// SPDX-License-Identifier: GPL-3.0-or-later

import FuzzSupport
import HTTP
import Handshakes
import Sockets

/// The peer whose bytes are read.
enum Peer: String, CaseIterable {
  case socks4
  case socks5
  case socks5WithPassword
  case http
  case header
  /// A client of a proxy.
  case client
  /// A client of a proxy that requires a password, and whose password is wrong.
  case clientWithPassword
  /// A client of an HTTP proxy in the old style that requires a known password, also in the Digest scheme.
  case clientWithDigest

  private static let users = try? UserList(Array("u:$1$saltsalt$9xy1btjgzLYfb7hivXtC//\n".utf8))
  private static let target = ProxyTarget(.name("target.example"), port: 80)

  /// The handshake with such a peer.
  var handshake: any Handshake {
    switch self {
    case .socks4: SOCKS4Connect(to: Self.target, through: "p", as: "")
    case .socks5: SOCKS5Connect(to: Self.target, through: "p", as: nil)
    case .socks5WithPassword:
      SOCKS5Connect(to: Self.target, through: "p", as: UserCredentials(user: "u", password: "w"))
    case .http:
      HTTPConnect(
        to: Self.target, through: "p",
        ProxyAuthentication(.user(UserCredentials(user: "u", password: "w"))) { _, bytes in bytes })
    case .header: ProxyHeaderReader(from: .unnamed) { _ in true }
    case .client: ProxyRequestReader(from: .unnamed, [.socks, .http, .datagrams])
    case .clientWithPassword:
      ProxyRequestReader(from: .unnamed, [.socks, .http, .datagrams], users: Self.users)
    case .clientWithDigest:
      ProxyRequestReader(
        from: .unnamed, .http, users: DigestClient.users, digest: DigestClient.authority, DigestClient.style)
    }
  }

  /// Whether bytes are an acceptance, by a second and simpler reading.
  func accepts(_ bytes: ArraySlice<UInt8>) -> Bool {
    let bytes = Array(bytes)
    switch self {
    case .socks4: return bytes.count == 8 && bytes[0] == 0 && bytes[1] == 90
    case .socks5: return bytes.starts(with: [5, 0, 5, 0])
    case .socks5WithPassword:
      guard bytes.first == 5 else { return false }
      return bytes[1] == 0
        ? bytes.dropFirst(2).starts(with: [5, 0])
        : bytes[1] == 2 && bytes[3] == 0 && bytes.dropFirst(4).starts(with: [5, 0])
    case .http:
      // The status line of the last head, which ends with an empty line.
      guard bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return false }
      let text = bytes.dropLast(4).map { $0 == 13 ? UInt8(ascii: "\n") : $0 }
      let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
      return lines.contains { $0.starts(with: "HTTP/1.".utf8) && $0.dropFirst(8).starts(with: " 2".utf8) }
    case .header:
      return bytes.starts(with: "PROXY ".utf8) && bytes.suffix(2) == [13, 10] && bytes.count <= 107
        || bytes.starts(with: [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10])
          && bytes.count == 16 + Int(bytes[14]) << 8 + Int(bytes[15])
    case .client:
      switch bytes.first {
      case 4: return bytes.count >= 9 && bytes[1] == 1 && bytes.last == 0
      case 5:
        guard bytes.count >= 2 else { return false }
        let rest = bytes.dropFirst(2 + Int(bytes[1]))
        return bytes.dropFirst(2).prefix(Int(bytes[1])).contains(0)
          && (rest.starts(with: [5, 1, 0]) || rest.starts(with: [5, 3, 0]))
      default:
        guard let line = bytes.split(separator: 13, maxSplits: 1).first, bytes.suffix(4) == [13, 10, 13, 10]
        else {
          return false
        }
        let words = line.split(separator: 32)
        return words.count == 3
          && (words[0].elementsEqual("CONNECT".utf8)
            || words[1].prefix(7).map { $0 | 0x20 }.elementsEqual("http://".utf8))
      }
    // The verification was not performed.
    case .clientWithPassword: return false
    case .clientWithDigest: return DigestClient.accepts(bytes)
    }
  }
}

/// What a handshake has read.
struct Reading: Equatable {
  /// Its end.
  enum End: Equatable {
    case incomplete
    case complete(Int)
    case failed(String)
  }

  private(set) var end = End.incomplete
  /// What was sent to the peer.
  private(set) var sent: [UInt8] = []
  /// The header, if the peer has sent one.
  private(set) var header: ProxyHeader?

  /// Reads bytes in pieces.
  init(_ peer: Peer, _ bytes: ArraySlice<UInt8>, in pieces: Pieces) {
    var handshake = peer.handshake
    var (sent, taken, end) = ([UInt8](), 0, End.incomplete)
    func give(_ piece: Span<UInt8>) {
      guard case .incomplete = end else { return }
      do throws(IOFailure) {
        switch try handshake.step(piece, &sent) {
        case .incomplete: taken += piece.count
        case .verify(_, let count):
          precondition(count <= piece.count, "more is taken than was given")
          taken += count
          give(piece.extracting(droppingFirst: count))
        case .ask: preconditionFailure("the credentials are known")
        case .complete(let count):
          precondition(count <= piece.count, "more is taken than was given")
          end = .complete(taken + count)
          guard case .refuse(let answer, let failure)? = (handshake as? ProxyRequestReader)?.request?.action
          else { return }
          sent += answer
          throw failure
        }
      } catch {
        let text = "\(error)"
        precondition(
          text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" },
          "a message has control characters")
        end = .failed(text)
      }
    }
    let nothing: [UInt8] = []
    give(nothing.span)
    pieces.cut(bytes, give)
    (self.sent, self.end, header) = (sent, end, (handshake as? ProxyHeaderReader)?.header)
  }
}
