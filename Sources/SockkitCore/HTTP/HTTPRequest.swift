// SPDX-License-Identifier: GPL-3.0-or-later

/// The header of a request that keeps the rules, and what follows from it.
struct HTTPRequest: Equatable, Sendable {
  /// The first line.
  let line: HTTPRequestLine
  /// The fields that matter.
  let fields: HTTPFields
  /// How long the body is.
  let framing: HTTPFraming
  /// Whether the client waits for `100 Continue` before it sends the body.
  let awaitsContinue: Bool
  /// Whether the connection may be used for another request after this one.
  let isPersistent: Bool

  /// Judges a header.
  init(_ line: HTTPRequestLine, _ fields: HTTPFields) throws(HTTPProblem) {
    self.line = line
    self.fields = fields
    try Self.checkHost(in: fields, isModern: line.isModern)
    framing = try HTTPFraming(fields, isModern: line.isModern)
    awaitsContinue = try Self.awaitsContinue(fields, isModern: line.isModern) && framing != .none
    let closes = fields.list(.connection, contains: "close")
    isPersistent = !closes && (line.isModern || fields.list(.connection, contains: "keep-alive"))
  }

  /// RFC 9112, section 3.2.
  private static func checkHost(in fields: HTTPFields, isModern: Bool) throws(HTTPProblem) {
    let hosts = fields.all(.host)
    guard hosts.count <= 1 else { throw .malformed("more than one Host") }
    guard let host = hosts.first else {
      if isModern { throw .malformed("no Host") }
      return
    }
    guard HTTPAuthority.isValid(host) else { throw .malformed("the Host is none") }
  }

  /// RFC 9110, section 10.1.1: HTTP/1.0 does not know of it.
  private static func awaitsContinue(_ fields: HTTPFields, isModern: Bool) throws(HTTPProblem) -> Bool {
    guard isModern, let expectation = fields.list(.expect) else { return false }
    guard expectation.equals("100-continue") else {
      throw HTTPProblem(.expectationFailed, "no other expectation than 100-continue can be met")
    }
    return true
  }
}
