// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Text

/// The words of a command line for a program.
package enum NcatCommand {
  /// Takes a command line apart as `ncat` does: white space separates words, a backslash protects the next character,
  /// and quotes have no meaning. White space behind a protected character is skipped without an end of the word, unless
  /// that character is a backslash.
  package static func words(of line: String) -> [String] {
    var words: [String] = []
    var rest = ByteText.bytes(of: line).drop { $0.isSpace }
    while !rest.isEmpty {
      var word: [UInt8] = []
      while let byte = rest.first, !byte.isSpace {
        rest = rest.dropFirst()
        guard byte == backslash else {
          word.append(byte)
          continue
        }
        guard let protected = rest.popFirst() else { break }
        word.append(protected)
        if protected != backslash { rest = rest.drop { $0.isSpace } }
      }
      words.append(ByteText.text(of: word))
      rest = rest.drop { $0.isSpace }
    }
    return words
  }

  private static let backslash = UInt8(ascii: "\\")
}
