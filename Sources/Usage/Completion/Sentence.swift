// SPDX-License-Identifier: GPL-3.0-or-later

/// Sentences of a help text.
package enum Sentence {
  /// The first sentence, without its full stop; `ARG...` and `0.5` do not end a sentence.
  package static func first(of text: String) -> String {
    let words = text.split(separator: " ")
    let end = words.firstIndex { $0.hasSuffix(".") && !$0.hasSuffix("..") } ?? words.endIndex
    let sentence = words[..<min(end + 1, words.endIndex)].joined(separator: " ")
    return sentence.hasSuffix(".") && !sentence.hasSuffix("..") ? String(sentence.dropLast()) : sentence
  }
}
