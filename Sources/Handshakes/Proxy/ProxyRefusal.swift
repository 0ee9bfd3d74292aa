// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The failures of the handshake with one proxy.
struct ProxyRefusal: Sendable {
  /// The attempt: to reach the target through the proxy.
  private let operation: Operation

  /// - Parameter operation: The attempt.
  init(of operation: Operation) { self.operation = operation }

  /// - Parameters:
  ///   - target: What the proxy is asked to connect to.
  ///   - proxy: The proxy's name for messages.
  init(of target: ProxyTarget, by proxy: String) {
    self.init(of: .connectThrough(proxy: proxy, to: "\(target)"))
  }

  /// The proxy cannot reach the target.
  func unreachable(_ words: String, _ answer: IOFailure.ProxyAnswer? = nil) -> IOFailure {
    IOFailure(operation, .unavailable(words), answer: answer)
  }

  /// The proxy does not allow the connection, or does not know this client.
  func forbidden(_ words: String, _ answer: IOFailure.ProxyAnswer? = nil) -> IOFailure {
    IOFailure(operation, .untrusted(words), answer: answer)
  }

  /// The proxy does not speak the protocol.
  func foreign(_ words: String, _ answer: IOFailure.ProxyAnswer? = nil) -> IOFailure {
    IOFailure(operation, .peerProtocol(words), answer: answer)
  }

  /// The proxy has ended the connection before its answer was complete.
  var prematureEnd: IOFailure {
    IOFailure(operation, .truncated("the proxy ended the connection before its answer"))
  }

  /// The proxy's bytes in a message.
  static func quote(_ bytes: some Collection<UInt8>) -> String {
    let text = TerminalSafe.escape(utf8: Array(bytes.prefix(longestQuote)).span)
    return "'\(text)\(bytes.count > longestQuote ? "…" : "")'"
  }

  /// The maximum number of the proxy's bytes in a message.
  private static let longestQuote = 300
}
