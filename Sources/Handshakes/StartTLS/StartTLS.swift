// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// The plain dialogue with which a client asks a server for TLS.
///
/// TLS begins with the client's first bytes: bytes that the server has sent behind its acceptance are an error, because
/// anyone on the way could have added them.
package struct StartTLS: Handshake {
  private let service: StartTLSProtocol
  private let operation: Operation
  private var dialogue: any Dialogue
  private var hasBegun = false
  /// What was received and is not complete.
  private var pending: [UInt8] = []
  private var total = 0

  /// The maximum number of bytes that are received.
  package static let longest = 64 << 10
  /// The maximum number of the server's bytes in a message.
  private static let longestQuote = 300

  /// Prepares the dialogue.
  ///
  /// - Parameters:
  ///   - peer: The server's name for messages.
  ///   - server: The name of the server that is addressed.
  ///   - client: The name of this host; `nil` if it has none.
  package init(_ service: StartTLSProtocol, with peer: String, server: String, client: String?) {
    self.service = service
    operation = .secure(with: peer)
    dialogue =
      switch service {
      case .xmpp: XMPPDialogue(server: server)
      case .ldap: LDAPDialogue()
      case .postgres: PostgreSQLDialogue()
      case .mysql: MySQLDialogue()
      default: LineDialogue(service, client: Self.name(client))
      }
  }

  /// A host's name as it may stand in a command.
  private static func name(_ host: String?) -> String {
    guard let host, !host.isEmpty,
      host.utf8.allSatisfy({ $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
      )
    else { return "localhost" }
    return host
  }

  package var prematureEnd: IOFailure {
    IOFailure(operation, .truncated("the server ended the connection before it accepted STARTTLS"))
  }

  package mutating func step(
    _ input: Span<UInt8>, _ output: inout [UInt8]
  ) throws(IOFailure) -> HandshakeStep {
    if !hasBegun {
      hasBegun = true
      output += dialogue.opening
    }
    let count = min(input.count, Self.longest - total)
    pending.append(copying: input.extracting(first: count))
    total += count
    var rest = pending[...]
    let isAccepted: Bool
    do { isAccepted = try dialogue.advance(&rest, &output) } catch { throw failure(explanation(of: error)) }
    guard !isAccepted else {
      guard rest.isEmpty, count == input.count else {
        throw failure("the server sent bytes in plain after accepting STARTTLS")
      }
      return .complete(taken: count)
    }
    guard count == input.count else {
      throw failure("the server sent more than \(Self.longest >> 10) KiB without accepting STARTTLS")
    }
    if rest.count < pending.count { pending = Array(rest) }
    return .incomplete
  }

  private func failure(_ text: String) -> IOFailure { IOFailure(operation, .peerProtocol(text)) }

  private func explanation(of failure: DialogueFailure) -> String {
    switch failure {
    case .refused(let bytes): "the server refused STARTTLS\(Self.quote(bytes))"
    case .notOffered: "the server does not offer STARTTLS"
    case .foreign(let bytes): "the server does not speak \(service.title)\(Self.quote(bytes))"
    }
  }

  private static func quote(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "" }
    let span = bytes.span
    let text = TerminalSafe.escape(utf8: span.extracting(first: min(span.count, longestQuote)))
    return ": \(text)\(span.count > longestQuote ? "…" : "")"
  }
}
