// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// A request as a proxy passes it on to the origin server (RFC 9110, section 7.6).
///
/// It is the only one of its connection: what the client sends behind it could be taken for another request, which
/// nothing has checked.
package struct HTTPForwardedRequest: Equatable, Sendable {
  /// The origin server.
  package let target: HTTPHostAndPort
  /// The target of the request line for the origin server.
  package let path: String
  /// The request line and the header for the origin server.
  package let header: [UInt8]
  /// The framing of the body, which is passed on as it is.
  package let framing: HTTPFraming

  /// The fields by which the end of the request is found: without them, the origin server would find another one.
  private static let essential: Set<String> = ["content-length", "host", "transfer-encoding"]

  /// Converts a request whose header consists of these lines.
  init(_ request: HTTPRequest, _ lines: [[UInt8]]) throws(HTTPError) {
    guard let authority = request.line.target.authority else {
      throw .malformed("this is a proxy: the target has to begin with http://")
    }
    guard let target = HTTPHostAndPort(authority, defaultPort: 80) else {
      throw .malformed("the port of the target is not a number from 1 to 65535")
    }
    // The number is that of any larger one as well.
    guard request.framing != .length(.max) else { throw HTTPError(.contentTooLarge, "a body of any length") }
    self.target = target
    framing = request.framing
    let hopByHop = HTTPHopByHop(in: lines)
    guard Self.essential.isDisjoint(with: hopByHop.named) else {
      throw .malformed("Connection names a field that belongs to the request")
    }
    path = Self.path(of: request, authority)
    let version = request.line.isHTTP11 ? "HTTP/1.1" : "HTTP/1.0"
    var header = Array(
      "\(request.line.method.name) \(path) \(version)\r\nHost: \(authority)\r\n"
        .utf8)
    for line in lines {
      let name = HTTPToken.fieldName(line)
      guard name != "host", !hopByHop.contains(name) else { continue }
      let isLimit = name == "max-forwards" && request.line.method == .options
      header += (isLimit ? try Self.lowered(line) : line) + [0x0D, 0x0A]
    }
    header += "Via: \(version.dropFirst(5)) sockkit\r\nConnection: close\r\n\r\n".utf8
    self.header = header
  }

  /// The line of Max-Forwards with a number less by one (RFC 9110, section 7.6.2).
  private static func lowered(_ line: [UInt8]) throws(HTTPError) -> [UInt8] {
    let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
    guard let number = value.withoutBlanks.decimalClamped else {
      throw .malformed("Max-Forwards is not a number")
    }
    // The recipient of the request is this proxy, which has no options to tell.
    guard number > 0 else { throw HTTPError(.methodNotAllowed, "the request goes no further (Max-Forwards)") }
    return Array("Max-Forwards: \(number - 1)".utf8)
  }

  /// The target for the origin server.
  private static func path(of request: HTTPRequest, _ authority: String) -> String {
    let path = request.line.target.text.dropFirst("http://".count + authority.utf8.count)
    if path.hasPrefix("/") { return String(path) }
    // RFC 9112, section 3.2.4.
    return path.isEmpty && request.line.method == .options ? "*" : "/\(path)"
  }
}

/// Finds the end of the body of a request that is passed on as it is.
package struct HTTPForwardedBody: Sendable {
  private var reader: HTTPBodyReader
  /// Whether the body is complete.
  package private(set) var isComplete = false

  /// Starts behind the header of a request.
  package init(_ framing: HTTPFraming = .none) {
    do throws(HTTPError) {
      reader = try HTTPBodyReader(framing, atMost: .max, limits: HTTPLimits())
    } catch {
      fatalError("no body has more than \(Int.max) bytes")
    }
    isComplete = framing == .none
  }

  /// Reads bytes that were received.
  ///
  /// - Returns: How many of them belong to the body.
  package mutating func read(_ bytes: Span<UInt8>) throws(HTTPError) -> Int {
    var index = 0
    while !isComplete {
      switch try reader.read(bytes, from: &index) {
      case .content: continue
      case .wantsMore: return index
      case .complete: isComplete = true
      }
    }
    return index
  }
}
