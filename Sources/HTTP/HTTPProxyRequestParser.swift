// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// Parses the header of a request to a proxy (RFC 9112, section 3.2), in pieces of any size; the result does not depend
/// on the pieces.
package struct HTTPProxyRequestParser: Sendable {
  /// What a proxy is asked for.
  package enum Request: Equatable, Sendable {
    /// A connection to a host (RFC 9110, section 9.3.6).
    case connect(HTTPHostAndPort)
    /// The answer of an origin server.
    case forward(HTTPForwardedRequest)
  }

  private let limits = HTTPLimits()
  private let rules: HTTPProxyRules
  private var lines: HTTPLineReader
  private var tally = HTTPFieldTally()
  private var requestLine: HTTPRequestLine?
  private var fields = HTTPFields()
  /// The lines of the header.
  private var header: [[UInt8]] = []
  /// The request, once its header is complete.
  package private(set) var request: Request?

  /// Starts before the first byte.
  package init(_ rules: HTTPProxyRules = HTTPProxyRules()) {
    self.rules = rules
    lines = HTTPLineReader(acceptsBareLineFeed: rules.acceptsBareLineFeed)
  }

  /// The value of Proxy-Authorization; `nil` if there is none, or more than one.
  package var authorization: [UInt8]? { fields.single(.proxyAuthorization) }

  /// The user and the password for the proxy; `nil` if there are none.
  package var credentials: BasicCredentials? { authorization.flatMap(BasicCredentials.init) }

  /// Whether the client has sent anything.
  package var hasBegun: Bool { requestLine != nil || !lines.isEmpty }

  /// The method, once the header is complete.
  package var method: String { requestLine?.method.name ?? "" }

  /// The target in the forms in which clients calculate credentials for it: as it was sent, and as it is passed on.
  package var targets: [String] {
    guard let sent = requestLine?.target.text else { return [] }
    if case .forward(let forwarded)? = request { return [sent, forwarded.path] }
    return [sent]
  }

  /// Reads bytes from an index on, and advances the index.
  ///
  /// - Returns: Whether the header is complete; if not, all bytes were read.
  package mutating func read(_ bytes: Span<UInt8>, from index: inout Int) throws(HTTPError) -> Bool {
    while request == nil {
      let isFirst = requestLine == nil
      guard
        try lines.read(
          bytes, from: &index, limit: isFirst ? limits.requestLine : tally.room(limits),
          excess: isFirst ? .targetTooLong : .headerTooLarge)
      else { return false }
      let line = lines.line
      lines.clear()
      if let requestLine {
        guard line.isEmpty else {
          try tally.count(line, limits)
          try fields.add(line)
          header.append(line)
          continue
        }
        request = try makeRequest(requestLine)
      } else {
        requestLine = try HTTPRequestLine(line)
      }
    }
    return true
  }

  private func makeRequest(_ line: HTTPRequestLine) throws(HTTPError) -> Request {
    guard line.method == .refused("CONNECT") else {
      try rules.check(line.method)
      try rules.check(line.method, fields)
      let request = try HTTPRequest(line, fields, needsHost: rules.demandsHost)
      return .forward(try HTTPForwardedRequest(request, header))
    }
    // The target is in the request line, so that a missing Host is harmless.
    guard try HTTPFraming(fields, isHTTP11: line.isHTTP11) == .none else {
      throw .malformed("a body with CONNECT")
    }
    guard let target = HTTPHostAndPort(line.target.text, defaultPort: nil) else {
      throw .malformed("the target is not a host and a port")
    }
    return .connect(target)
  }
}

/// The host and the port of an authority (RFC 3986, section 3.2).
package struct HTTPHostAndPort: Equatable, Sendable {
  /// The host; that of an IPv6 address is without its brackets.
  package let host: String
  /// Whether the host was in brackets.
  package let isBracketed: Bool
  /// The port.
  package let port: UInt16

  /// Splits a valid authority; `nil` if it has no host, or no port from 1 to 65535.
  ///
  /// - Parameter defaultPort: The port of an authority without one; `nil` if it must have one.
  init?(_ authority: String, defaultPort: UInt16?) {
    let end = authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.startIndex
    let colon = authority[end...].lastIndex(of: ":")
    let name = authority[..<(colon ?? authority.endIndex)]
    let digits = colon.map { authority[authority.index(after: $0)...] } ?? ""
    guard !name.isEmpty, let port = digits.isEmpty ? defaultPort : UInt16(digits), port > 0 else {
      return nil
    }
    isBracketed = name.hasPrefix("[")
    host = String(isBracketed ? name.dropFirst().dropLast() : name)
    self.port = port
  }
}
