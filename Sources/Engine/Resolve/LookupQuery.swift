// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
import Text

/// A name to look up.
package struct LookupQuery: Equatable, Sendable {
  /// The maximum length of a name in bytes; every valid name is far shorter.
  package static let longest = 1000

  /// The name, or the displayable form of a refused one.
  package let text: String
  /// The reason why it is not looked up, if it is refused.
  package let refusal: LookupFailure?

  /// Creates a query from a name on the command line, a `ByteText`.
  package init(_ text: String) { self.init(bytes: ByteText.bytes(of: text)) }

  /// Creates a query from bytes, which need not be text.
  package init(bytes: some Collection<UInt8>) {
    let text = ByteText.text(of: bytes.prefix(Self.longest))
    let shown = TerminalSafe.escapeBytes(text)
    if bytes.count > Self.longest {
      // Enough of it to be recognised.
      self.init(text: "\(shown.prefix(40))…", refusal: "a name has at most \(Self.longest) bytes")
    } else if String(validating: bytes, as: UTF8.self) == nil {
      self.init(text: shown, refusal: "the name is not UTF-8")
    } else if bytes.contains(0) {
      self.init(text: shown, refusal: "the name contains a NUL")
    } else {
      self.init(text: text, refusal: nil)
    }
  }

  private init(text: String, refusal: String?) {
    self.text = text
    self.refusal = refusal.map { LookupFailure(.hostNotFound, $0) }
  }
}

/// The result of the look-up of one name.
package struct HostAnswer: Sendable {
  /// The name as it was given.
  package let query: String
  /// The host's entry, or the reason why it was not found.
  package let result: Result<HostEntry, LookupFailure>
  /// The duration of the look-up.
  package let duration: Duration

  /// Creates an answer.
  package init(query: String, result: Result<HostEntry, LookupFailure>, duration: Duration) {
    self.query = query
    self.result = result
    self.duration = duration
  }

  /// The failure with a message and an exit status, if it is one.
  package var failure: Failure? {
    guard case .failure(let failure) = result else { return nil }
    return Failure(ResolutionError(name: query, reason: failure.reason))
  }
}
