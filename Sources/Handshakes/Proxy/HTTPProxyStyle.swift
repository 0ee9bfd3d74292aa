// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTP

/// How a proxy speaks HTTP with its clients: which requests it accepts, and what its own answers look like.
package struct HTTPProxyStyle: Equatable, Sendable {
  /// The form of its own answers.
  package enum Answers: Equatable, Sendable {
    /// HTTP/1.1, with the reason as a text.
    case explained
    /// HTTP/1.0, the header alone.
    case bare
  }

  /// The requests that are accepted.
  package var rules = HTTPProxyRules()
  /// The form of the answers.
  package var answers = Answers.explained
  /// The challenge for a password in clear text (RFC 7617).
  package var basicChallenge = "Basic realm=\"sockkit\", charset=\"UTF-8\""
  /// Whether each failure to reach a target is answered as one that took too long: old clients know the status 504 only.
  package var reportsFailuresAsTimeout = false

  /// Creates the style of HTTP/1.1.
  package init() {}

  /// The answer to a request for a connection that is open.
  var acceptance: [UInt8] {
    switch answers {
    case .explained: Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8)
    case .bare: Array("HTTP/1.0 200 OK\r\n\r\n".utf8)
    }
  }

  /// The answer to a request that did not lead to its target.
  func refusal(_ outcome: ProxyOutcome) -> [UInt8] {
    var (code, phrase) = outcome.status
    if reportsFailuresAsTimeout, outcome != .denied { (code, phrase) = ProxyOutcome.timedOut.status }
    return refusal(code, phrase, outcome.words)
  }

  /// The answer to a request that is not accepted.
  func refusal(_ error: HTTPError) -> [UInt8] {
    // HTTP/1.0 has no status of its own for a header.
    let status = answers == .bare && error.status == .headerTooLarge ? .contentTooLarge : error.status
    let fields = status == .methodNotAllowed ? "Allow: \(rules.allowed)\r\n" : ""
    return refusal(status.rawValue, status.phrase, error.reason, fields)
  }

  /// The answer that asks for credentials.
  ///
  /// - Parameters:
  ///   - reason: Why they are asked for.
  ///   - digest: The challenge of the Digest scheme; `nil` if it is not offered.
  func demand(_ reason: String, digest: String?) -> [UInt8] {
    var fields = "Proxy-Authenticate: \(basicChallenge)\r\n"
    if let digest { fields += "Proxy-Authenticate: \(digest)\r\n" }
    // Clients would repeat the request on this connection, since the end of an answer of HTTP/1.0 is implied only.
    if answers == .bare { fields += "Connection: close\r\n" }
    return refusal(407, "Proxy Authentication Required", reason, fields)
  }

  /// An answer that is no connection.
  ///
  /// - Parameter fields: Further header fields, each with its end.
  private func refusal(_ code: Int, _ phrase: String, _ reason: String, _ fields: String = "") -> [UInt8] {
    guard answers == .explained else { return Array("HTTP/1.0 \(code) \(phrase)\r\n\(fields)\r\n".utf8) }
    let text = "\(reason)\n"
    return Array(
      """
      HTTP/1.1 \(code) \(phrase)\r
      Content-Type: text/plain\r
      Content-Length: \(text.utf8.count)\r
      \(fields)Connection: close\r
      \r
      \(text)
      """.utf8)
  }
}
