// SPDX-License-Identifier: GPL-3.0-or-later

import Text

/// The header of a valid request, and the properties that follow from it.
struct HTTPRequest: Equatable, Sendable {
  /// The request line.
  let line: HTTPRequestLine
  /// The relevant fields.
  let fields: HTTPFields
  /// The framing of the body.
  let framing: HTTPFraming
  /// Whether the client waits for `100 Continue` before it sends the body.
  let awaitsContinue: Bool
  /// Whether the connection may be used for another request after this one.
  let isPersistent: Bool

  /// Validates a header.
  ///
  /// - Parameter needsHost: Whether Host has to be there in HTTP/1.1.
  init(_ line: HTTPRequestLine, _ fields: HTTPFields, needsHost: Bool = true) throws(HTTPError) {
    self.line = line
    self.fields = fields
    try Self.checkHost(in: fields, needsHost: needsHost && line.isHTTP11)
    framing = try HTTPFraming(fields, isHTTP11: line.isHTTP11)
    awaitsContinue = try Self.awaitsContinue(fields, isHTTP11: line.isHTTP11) && framing != .none
    let closes = fields.list(.connection, contains: "close")
    isPersistent = !closes && (line.isHTTP11 || fields.list(.connection, contains: "keep-alive"))
  }

  /// RFC 9112, section 3.2.
  private static func checkHost(in fields: HTTPFields, needsHost: Bool) throws(HTTPError) {
    let hosts = fields.all(.host)
    guard hosts.count <= 1 else { throw .malformed("more than one Host") }
    guard let host = hosts.first else {
      if needsHost { throw .malformed("no Host") }
      return
    }
    guard HTTPAuthority.isValid(host) else { throw .malformed("an invalid Host") }
  }

  /// Whether `100 Continue` is expected (RFC 9110, section 10.1.1); HTTP/1.0 does not have it.
  private static func awaitsContinue(_ fields: HTTPFields, isHTTP11: Bool) throws(HTTPError) -> Bool {
    guard isHTTP11, let expectation = fields.list(.expect) else { return false }
    guard expectation.equals("100-continue") else {
      throw HTTPError(.expectationFailed, "the only supported expectation is 100-continue")
    }
    return true
  }
}
