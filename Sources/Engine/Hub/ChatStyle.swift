// SPDX-License-Identifier: GPL-3.0-or-later

package import Sockets
package import SystemPackage
import Text

/// How the members of a chat see each other.
package struct ChatStyle: Sendable {
  /// A member of a chat.
  package struct Member: Sendable {
    /// Its address.
    package let peer: Address
    /// The number of its connection, counted from 1.
    package let number: Int
    /// The descriptor of its connection.
    package let descriptor: FileDescriptor

    /// Creates a member.
    package init(peer: Address, number: Int, descriptor: FileDescriptor) {
      (self.peer, self.number, self.descriptor) = (peer, number, descriptor)
    }
  }

  /// What precedes the lines of standard input.
  package var ownLabel: String
  /// What precedes the lines of a member.
  package var label: @Sendable (Member) -> String
  /// Whether control characters are replaced by a backslash and three octal digits, rather than in the usual way.
  package var escapesInOctal: Bool
  /// The lines that all members see when one has joined, given those who were there.
  package var joined: @Sendable (Member, [Member]) -> [String]
  /// The lines that the remaining members see when one has left.
  package var left: @Sendable (Member) -> [String]

  /// Creates a style; without further arguments nothing is announced.
  package init(
    ownLabel: String, label: @escaping @Sendable (Member) -> String, escapesInOctal: Bool = false,
    joined: @escaping @Sendable (Member, [Member]) -> [String] = { _, _ in [] },
    left: @escaping @Sendable (Member) -> [String] = { _ in [] }
  ) {
    self.ownLabel = ownLabel
    self.label = label
    self.escapesInOctal = escapesInOctal
    self.joined = joined
    self.left = left
  }

  /// The style of this program.
  package static let own = ChatStyle(ownLabel: "[server] ") { PeerLabel.text($0.peer, $0.number) }

  /// A line as it is shown: without characters that control a terminal.
  func text(of line: Span<UInt8>) -> String {
    guard escapesInOctal else { return TerminalSafe.escape(line: line) }
    var bytes: [UInt8] = []
    for index in line.indices {
      let byte = line[index]
      let isControl = byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F
      let isReturn = byte == ASCII.carriageReturn && index == line.count - 1
      if isReturn { continue }
      if isControl {
        let digits = String(byte, radix: 8)
        bytes += "\\\(String(repeating: "0", count: 3 - digits.count))\(digits)".utf8
      } else {
        bytes.append(byte)
      }
    }
    return TerminalSafe.escape(utf8: bytes.span)
  }
}
