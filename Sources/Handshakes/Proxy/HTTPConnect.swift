// SPDX-License-Identifier: GPL-3.0-or-later

package import HTTP
package import Sockets
import Text

/// The client's side of HTTP's CONNECT (RFC 9110, section 9.3.6).
package struct HTTPConnect: Handshake {
  private enum Expectation {
    case statusLine
    case fields
  }

  /// The version of HTTP that a request names.
  package enum Version: String, Sendable {
    /// Without a field for the host.
    case http10 = "1.0"
    case http11 = "1.1"
  }

  private let target: ProxyTarget
  private let fields: [HTTPAddedField]
  private let authentication: ProxyAuthentication
  private let version: Version
  private let refusal: ProxyRefusal
  /// The value of Proxy-Authorization that was sent; `nil` for none.
  private var authorization: String?
  private var expected = Expectation.statusLine
  private var hasBegun = false
  private var reader = HTTPLineReader()
  private var total = 0
  private var status = 0
  /// The status and the reason phrase as they were received.
  private var statusText: [UInt8] = []
  private var challenges: [HTTPChallenge] = []
  /// The question for the credentials that the proxy requires; `nil` for none.
  private var question: CredentialQuestion?
  package private(set) var isWorthRepeating = false

  /// The maximum number of bytes of an answer, up to the payload.
  package static let longest = 64 << 10

  /// Prepares the handshake.
  ///
  /// - Parameters:
  ///   - proxy: The proxy's name for messages.
  ///   - authentication: What is known of the proxy's demands, shared by all connections to it.
  ///   - version: The version of HTTP to name.
  ///   - fields: Further header fields.
  package init(
    to target: ProxyTarget, through proxy: String, _ authentication: ProxyAuthentication,
    _ version: Version = .http11, fields: [HTTPAddedField] = []
  ) {
    (self.target, self.authentication, self.version, self.fields) = (target, authentication, version, fields)
    refusal = ProxyRefusal(of: target, by: proxy)
  }

  package var prematureEnd: IOFailure { refusal.prematureEnd }

  package mutating func step(
    _ input: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    if !hasBegun {
      hasBegun = true
      authorization = authentication.authorization(method: "CONNECT", target: "\(target)")
      output += request
    }
    if let question {
      if case .failure(let error)? = question.answer { throw error }
      throw failure()
    }
    var index = 0
    while index < input.count {
      let isComplete: Bool
      do throws(HTTPError) {
        isComplete = try reader.read(
          input, from: &index, limit: Self.longest - total, excess: .headerTooLarge)
      } catch {
        throw refusal.foreign(
          error.status == .headerTooLarge
            ? "the answer of the proxy is longer than \(Self.longest >> 10) KiB"
            : "the proxy does not speak HTTP: \(ProxyRefusal.quote(reader.line))")
      }
      guard isComplete else { break }
      let line = reader.line
      total = min(Self.longest, total + line.count + 2)
      reader.clear()
      if try take(line) { return .complete(taken: index) }
      if let question { return .ask(question, taken: index) }
    }
    return .incomplete
  }

  private var request: [UInt8] {
    var lines = ["CONNECT \(target) HTTP/\(version.rawValue)"]
    if version == .http11 { lines.append("Host: \(target)") }
    if let authorization { lines.append("Proxy-Authorization: \(authorization)") }
    lines += fields.map { "\($0.name): \($0.value)" }
    return Array((lines + ["", ""]).joined(separator: "\r\n").utf8)
  }

  /// Takes a line of the answer.
  ///
  /// - Returns: Whether the connection to the target is established.
  private mutating func take(_ line: [UInt8]) throws(IOFailure) -> Bool {
    guard expected == .fields else {
      try takeStatus(line)
      return false
    }
    guard line.isEmpty else {
      let name = line.prefix { $0 != UInt8(ascii: ":") }
      if name.map(\.lowercased).elementsEqual("proxy-authenticate".utf8) {
        challenges += HTTPChallenge.parse(line[name.endIndex...].dropFirst())
      }
      return false
    }
    expected = .statusLine
    switch status {
    // Interim answers precede the final one.
    case 100..<200: return false
    case 200..<300:
      authentication.noteSuccess()
      return true
    default:
      if status == 407 { question = authentication.question }
      guard question == nil else { return false }
      throw failure()
    }
  }

  private mutating func takeStatus(_ line: [UInt8]) throws(IOFailure) {
    let words = line.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
    guard words.count == 2, words[0].count == 8, words[0].starts(with: "HTTP/1.".utf8),
      let number = words[1].prefix(3).decimalClamped, (100...999).contains(number),
      words[1].dropFirst(3).first ?? UInt8(ascii: " ") == UInt8(ascii: " ")
    else { throw refusal.foreign("the proxy does not speak HTTP: \(ProxyRefusal.quote(line))") }
    status = number
    statusText = Array(words[1])
    challenges = []
    expected = .fields
  }

  private mutating func failure() -> IOFailure {
    let words = "the proxy answered \(ProxyRefusal.quote(statusText))"
    let answer = IOFailure.ProxyAnswer.http(
      status: status, line: String(decoding: statusText, as: UTF8.self))
    switch status {
    case 407:
      switch authentication.judge(challenges, after: authorization) {
      case .repeatable:
        isWorthRepeating = true
        return refusal.forbidden(words, answer)
      case .refused(let reason): return refusal.forbidden("\(words): \(reason)", answer)
      }
    case 403: return refusal.forbidden(words, answer)
    // That of tinyproxy for a wrong password.
    case 401 where authorization != nil: return refusal.forbidden(words, answer)
    case 500..<600: return refusal.unreachable(words, answer)
    default: return refusal.foreign(words, answer)
    }
  }
}
