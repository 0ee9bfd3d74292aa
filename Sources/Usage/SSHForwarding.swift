// SPDX-License-Identifier: GPL-3.0-or-later

/// A word as `ssh -L` spells what is forwarded where to: `8080:localhost:80`, or with an address before it.
struct SSHForwarding: Equatable {
  /// The words of `forward` that stand for it: where to listen, and the target.
  let words: [String]

  /// Recognizes the spelling, also behind `-L` in the same word; `nil` for every other word.
  init?(_ word: String) {
    var parts = [""]
    var isBracketed = false
    for character in word.hasPrefix("-L") ? word.dropFirst(2) : word[...] {
      if character == "[" { isBracketed = true } else if character == "]" { isBracketed = false }
      if character == ":", !isBracketed { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    guard parts.count == 3 || parts.count == 4, parts.dropFirst(parts.count - 3).allSatisfy({ !$0.isEmpty }),
      UInt16(parts[parts.count - 3]) != nil, UInt16(parts[parts.count - 1]) != nil
    else { return nil }
    words = [parts.dropLast(2).joined(separator: ":"), parts.suffix(2).joined(separator: ":")]
  }
}
