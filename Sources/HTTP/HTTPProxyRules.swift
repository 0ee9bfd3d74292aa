// SPDX-License-Identifier: GPL-3.0-or-later

/// Which requests a proxy accepts, as far as HTTP leaves the choice.
package struct HTTPProxyRules: Equatable, Sendable {
  /// The methods that are passed on, besides CONNECT; `nil` for all but TRACE.
  package var methods: Set<String>?
  /// Whether a line of the header may end with LF alone (RFC 9112, section 2.2), as people type it. What is passed on
  /// has CR LF in any case.
  package var acceptsBareLineFeed = false
  /// Whether a request of HTTP/1.1 has to have the field Host, although its target names the host (RFC 9112, section 3.2).
  package var demandsHost = true
  /// Whether POST has to come with the length of its body, as RFC 1945, section 8.3 has it. Otherwise a request
  /// without it has no body.
  package var demandsLength = false

  /// Creates the rules of HTTP/1.1.
  package init() {}

  /// The value of Allow for a refused method.
  package var allowed: String {
    (["CONNECT"] + (methods ?? Self.usual).sorted()).joined(separator: ", ")
  }

  /// The methods that users of a proxy need; others are passed on as well.
  private static let usual: Set<String> = ["GET", "HEAD", "OPTIONS", "POST", "PUT"]

  /// Checks whether the method is passed on.
  func check(_ method: HTTPMethod) throws(HTTPError) {
    guard method != .refused("TRACE") else {
      throw HTTPError(.methodNotAllowed, "TRACE would disclose the fields for the proxy")
    }
    guard methods?.contains(method.name) ?? true else {
      throw HTTPError(.methodNotAllowed, "this method is not passed on")
    }
  }

  /// Checks whether the length of the body is given if it has to be.
  func check(_ method: HTTPMethod, _ fields: HTTPFields) throws(HTTPError) {
    guard demandsLength, method == .post, fields.all(.contentLength).isEmpty,
      fields.all(.transferEncoding).isEmpty
    else { return }
    throw .malformed("POST without the length of its body")
  }
}
