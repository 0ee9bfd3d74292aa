// SPDX-License-Identifier: GPL-3.0-or-later

/// The words of a command line for a program.
package enum NcatCommand {
  /// Takes a command line apart as `ncat` does: blanks separate words, a backslash protects the next character, and
  /// quotes have no meaning.
  package static func words(of line: String) -> [String] {
    var words: [String] = []
    var word: String?
    var isProtected = false
    for character in line {
      if isProtected {
        word = (word ?? "") + String(character)
        isProtected = false
      } else if character == "\\" {
        isProtected = true
      } else if character == " " || character == "\t" {
        if let complete = word { words.append(complete) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    return words + (word.map { [$0] } ?? [])
  }
}
