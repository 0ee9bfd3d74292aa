// SPDX-License-Identifier: GPL-3.0-or-later

import HTTP
package import Sockets
import Text

/// A proxy's side of the handshake with its client, up to the request: SOCKS 4, 4a and 5, and CONNECT of HTTP, which
/// are told apart by the first byte.
///
/// A request that is refused at once is answered; the answer is part of the output when the failure is thrown.
package struct ProxyRequestReader: Handshake {
  private enum Expectation {
    case first
    case socks4
    case methods
    case socks5
    case requestLine
    case fields
  }

  private let operation: Operation
  private let protocols: ProxyProtocols
  private var expected = Expectation.first
  private var input = InputBuffer()
  private var reader = HTTPLineReader()
  private var total = 0
  private var target: ProxyTarget?
  /// The request; `nil` before it is complete.
  package private(set) var request: ProxyRequest?

  /// The maximum number of bytes of a request.
  package static let longest = 64 << 10
  /// The maximum number of bytes of a request line.
  private static let longestLine = 8192
  /// The maximum number of bytes of a name or a user in SOCKS 4, which end with a zero byte.
  private static let longestText = 255

  /// Expects a request.
  ///
  /// - Parameter client: The client's address for messages.
  package init(from client: Address, _ protocols: ProxyProtocols) {
    operation = .readRequest(from: "\(client)")
    self.protocols = protocols
  }

  package var prematureEnd: IOFailure { failure(.truncated("the connection ended before the request")) }

  private func failure(_ reason: IOFailure.Reason) -> IOFailure { IOFailure(operation, reason) }

  package mutating func step(
    _ bytes: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    if expected == .first {
      guard bytes.count > 0 else { return .incomplete }
      try begin(bytes[0])
    }
    if expected == .requestLine || expected == .fields { return try readHead(bytes, &output) }
    input.add(bytes)
    while true {
      switch expected {
      case .methods: guard try readMethods(&output) else { return .incomplete }
      case .socks4, .socks5:
        guard try expected == .socks4 ? readSOCKS4(&output) : readSOCKS5(&output) else { return .incomplete }
        return .complete(taken: input.takenOfLast)
      case .first, .requestLine, .fields: preconditionFailure("not a state of SOCKS")
      }
    }
  }

  private mutating func begin(_ first: UInt8) throws(IOFailure) {
    switch first {
    case 4 where protocols.contains(.socks): expected = .socks4
    case 5 where protocols.contains(.socks): expected = .methods
    case UInt8(ascii: "A")...UInt8(ascii: "Z") where protocols.contains(.http): expected = .requestLine
    default:
      throw failure(
        .peerProtocol(
          "the client does not speak \(protocols == .http ? "HTTP" : protocols == .socks ? "SOCKS" : "SOCKS or HTTP")"
        ))
    }
  }

  // MARK: SOCKS

  /// - Returns: Whether the methods are complete.
  private mutating func readMethods(_ output: inout [UInt8]) throws(IOFailure) -> Bool {
    guard let count = input.rest.dropFirst().first, let greeting = input.take(2 + Int(count)) else {
      return false
    }
    // 0 is no authentication, 255 that no method is acceptable.
    guard greeting.dropFirst(2).contains(0) else {
      output += [5, 0xFF]
      throw failure(.untrusted("the client offers no method that is acceptable"))
    }
    output += [5, 0]
    expected = .socks5
    return true
  }

  /// - Returns: Whether the request is complete.
  private mutating func readSOCKS5(_ output: inout [UInt8]) throws(IOFailure) -> Bool {
    let head = Array(input.rest.prefix(3))
    guard head.count == 3 else { return false }
    guard head[0] == 5, head[2] == 0 else { throw failure(.peerProtocol("the request is malformed")) }
    switch SOCKSAddress.decode(input.rest.dropFirst(3)) {
    case .incomplete: return false
    case .unknown:
      output += Self.refusal(.addressTypeNotSupported)
      throw failure(.peerProtocol("the type of the address is unknown"))
    case .name(let bytes, let port, let count):
      _ = input.take(3 + count)
      guard let named = Self.target(bytes, port: port) else {
        output += Self.refusal(.hostUnreachable)
        throw failure(.peerProtocol("the name of the target is malformed"))
      }
      target = named
    case .address(let address, let count):
      _ = input.take(3 + count)
      if case .internet(let host, let port) = address { target = ProxyTarget(.address(host), port: port) }
    }
    guard head[1] == SOCKS5Connect.Command.connect.rawValue else {
      output += Self.refusal(.commandNotSupported)
      throw failure(.peerProtocol("the command \(head[1]) is not supported"))
    }
    request = target.map { ProxyRequest(.socks5, $0) }
    return true
  }

  private static func refusal(_ reply: SOCKSReply) -> [UInt8] {
    [5, reply.rawValue, 0] + SOCKSAddress.encode(ProxyTarget(.address(.anyIPv4), port: 0))
  }

  /// - Returns: Whether the request is complete.
  private mutating func readSOCKS4(_ output: inout [UInt8]) throws(IOFailure) -> Bool {
    let head = Array(input.rest.prefix(8))
    guard head.count == 8 else { return false }
    var rest = input.rest.dropFirst(8)
    // The user, who cannot be verified.
    guard try takeText(&rest) != nil else { return false }
    let port = UInt16(head[2]) << 8 | UInt16(head[3])
    let host: ProxyTarget?
    if head[4..<7].allSatisfy({ $0 == 0 }), head[7] != 0 {
      guard let name = try takeText(&rest) else { return false }
      host = Self.target(Array(name), port: port)
    } else {
      host = ProxyTarget(.address(.ipv4(Array(head[4..<8]))), port: port)
    }
    _ = input.take(input.rest.count - rest.count)
    guard head[1] == 1, let host else {
      output += [0, 91, 0, 0, 0, 0, 0, 0]
      throw failure(
        .peerProtocol(
          head[1] == 1 ? "the name of the target is malformed" : "the command \(head[1]) is not supported"))
    }
    request = ProxyRequest(.socks4, host)
    return true
  }

  /// Takes a text with a zero byte behind it; `nil` if it is incomplete.
  private func takeText(_ rest: inout ArraySlice<UInt8>) throws(IOFailure) -> ArraySlice<UInt8>? {
    guard let end = rest.prefix(Self.longestText + 1).firstIndex(of: 0) else {
      guard rest.count <= Self.longestText else {
        throw failure(.peerProtocol("a text is longer than \(Self.longestText) bytes"))
      }
      return nil
    }
    defer { rest = rest[(end + 1)...] }
    return rest[..<end]
  }

  // MARK: HTTP

  private mutating func readHead(
    _ bytes: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    var index = 0
    while index < bytes.count {
      let limit = expected == .requestLine ? Self.longestLine : Self.longest - total
      let isComplete: Bool
      do throws(HTTPError) {
        isComplete = try reader.read(
          bytes, from: &index, limit: limit,
          excess: expected == .requestLine ? .targetTooLong : .headerTooLarge)
      } catch {
        throw refuse(error.status.rawValue, error.status.phrase, "the request is malformed", &output)
      }
      guard isComplete else { break }
      let line = reader.line
      total = min(Self.longest, total + line.count + 2)
      reader.clear()
      if expected == .requestLine {
        target = try readRequestLine(line, &output)
        expected = .fields
      } else if line.isEmpty {
        request = target.map { ProxyRequest(.http, $0) }
        return .complete(taken: index)
      } else if !HTTPToken.isToken(line.prefix { $0 != UInt8(ascii: ":") })
        || !line.contains(UInt8(ascii: ":"))
      {
        throw refuse(400, "Bad Request", "a header field is malformed", &output)
      }
    }
    return .incomplete
  }

  private func readRequestLine(_ line: [UInt8], _ output: inout [UInt8]) throws(IOFailure) -> ProxyTarget {
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard words.count == 3, words[2].count == 8, words[2].starts(with: "HTTP/1.".utf8) else {
      throw refuse(400, "Bad Request", "the request line is malformed", &output)
    }
    guard words[0].elementsEqual("CONNECT".utf8) else {
      throw refuse(405, "Method Not Allowed", "the method is not CONNECT", &output, "Allow: CONNECT\r\n")
    }
    guard let colon = words[1].lastIndex(of: UInt8(ascii: ":")),
      let port = UInt16(String(decoding: words[1][(colon + 1)...], as: UTF8.self)), port > 0
    else { throw refuse(400, "Bad Request", "the target is not a host and a port", &output) }
    var host = words[1][..<colon]
    let isBracketed = host.first == UInt8(ascii: "[") && host.last == UInt8(ascii: "]")
    if isBracketed { host = host.dropFirst().dropLast() }
    let text = String(decoding: host, as: UTF8.self)
    if let address = IPAddress(text), (address.family == .ipv6) == isBracketed, !address.hasZone {
      return ProxyTarget(.address(address), port: port)
    }
    guard !isBracketed, let target = Self.target(Array(host), port: port) else {
      throw refuse(400, "Bad Request", "the host of the target is malformed", &output)
    }
    return target
  }

  /// Answers, and returns the failure.
  private func refuse(
    _ code: Int, _ phrase: String, _ reason: String, _ output: inout [UInt8], _ fields: String = ""
  ) -> IOFailure {
    output += ProxyRequest.refusal(code, phrase, reason, fields)
    return failure(.peerProtocol(reason))
  }

  /// The target with a name; `nil` if it is not one. A number in any spelling that the resolver takes for an address
  /// is a name here, and judged like every other once it is looked up.
  private static func target(_ name: [UInt8], port: UInt16) -> ProxyTarget? {
    guard (1...longestText).contains(name.count),
      name.allSatisfy({ $0.isLetter || $0.isDigit || "-._".utf8.contains($0) })
    else { return nil }
    let text = String(decoding: name, as: UTF8.self)
    if let address = IPAddress(text) { return ProxyTarget(.address(address), port: port) }
    return ProxyTarget(.name(text), port: port)
  }
}
