// SPDX-License-Identifier: GPL-3.0-or-later

/// A forwarding in the spelling of `ssh -L`: `8080:localhost:80`, or with an address before it.
struct SSHForwarding: Equatable {
  /// The equivalent words of `forward`: the listening address, and the target.
  let words: [String]

  /// Recognises the spelling, with or without `-L` in the same word; `nil` for every other word.
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
