// SPDX-License-Identifier: GPL-3.0-or-later

/// Words of an address that are spelled as other programs have them.
package enum ForeignSpelling {
  /// What is wrong with the words of an address that are spelled as those of `socat`, and what to write; `nil` if none
  /// is.
  package static func socatProblem(in words: [String]) -> String? {
    guard let (word, address) = SocatAddress.mostTelling(of: words) else { return nil }
    let advice = SocatAddress.commandLine(for: words).map { "Write '\($0)'." } ?? address.advice
    return "'\(word)' is a spelling of socat. \(advice)"
  }

  /// What is wrong with the words of `forward` that are spelled as those of `socat` or of `ssh -L`, and what to write;
  /// `nil` if none is.
  package static func forwardProblem(in words: [String]) -> String? {
    if let (word, forwarding) = sshForwarding(in: words) {
      return "'\(word)' is a spelling of ssh. \(write(forwarding))"
    }
    guard let (word, address) = SocatAddress.mostTelling(of: words) else { return nil }
    let places = words.compactMap { word in SocatAddress(word).map(\.place) ?? word }
    let advice = address.place != nil && places.count == 2 ? write(places) : address.advice
    return "'\(word)' is a spelling of socat. \(advice)"
  }

  /// What to say where a word of an address is a URL; `nil` if none is.
  ///
  /// - Parameters:
  ///   - words: The words of the address.
  ///   - subcommand: The subcommand whose address it is.
  package static func urlAdvice(on words: [String], in subcommand: String) -> String? {
    words.lazy.compactMap { URLAddress($0) }.first?.advice(in: subcommand)
  }

  /// The command line for `forward` words that are spelled as those of `ssh -L`; `nil` if none is.
  static func sshAdvice(on words: [String]) -> String? { sshForwarding(in: words).map { write($0.words) } }

  /// The hint about misplaced words of `forward`.
  private static func write(_ forwarding: [String]) -> String {
    "Write 'sockkit forward \(forwarding.joined(separator: " "))'."
  }

  private static func sshForwarding(in words: [String]) -> (word: String, words: [String])? {
    words.lazy.compactMap { word in SSHForwarding(word).map { (word, $0.words) } }.first
  }
}
