// SPDX-License-Identifier: GPL-3.0-or-later

/// Words of an address in the spelling of other programs.
package enum ForeignSpelling {
  /// The problem with words of an address in the spelling of `socat`, and what to write instead; `nil` if there are
  /// none.
  package static func socatProblem(in words: [String]) -> String? {
    guard let (word, address) = SocatAddress.mostTelling(of: words) else { return nil }
    let advice = SocatAddress.commandLine(for: words).map { "Write '\($0)'." } ?? address.advice
    return "'\(word)' is an address of socat. \(advice)"
  }

  /// The problem with words of `forward` in the spelling of `socat` or of `ssh -L`, and what to write instead; `nil` if
  /// there are none.
  package static func forwardProblem(in words: [String]) -> String? {
    if let (word, forwarding) = sshForwarding(in: words) {
      return "'\(word)' is a forwarding of ssh. \(write(forwarding))"
    }
    guard let (word, address) = SocatAddress.mostTelling(of: words) else { return nil }
    let places = words.compactMap { word in SocatAddress(word).map(\.place) ?? word }
    let advice = address.place != nil && places.count == 2 ? write(places) : address.advice
    return "'\(word)' is an address of socat. \(advice)"
  }

  /// The advice for a word of an address that is a URL; `nil` if there is none.
  ///
  /// - Parameters:
  ///   - words: The words of the address.
  ///   - subcommand: The subcommand whose address it is.
  package static func urlAdvice(on words: [String], in subcommand: String) -> String? {
    words.lazy.compactMap { URLAddress($0) }.first?.advice(in: subcommand)
  }

  /// The command line for words of `forward` in the spelling of `ssh -L`; `nil` if there are none.
  static func sshAdvice(on words: [String]) -> String? { sshForwarding(in: words).map { write($0.words) } }

  /// The advice to write words of `forward` in another form.
  private static func write(_ forwarding: [String]) -> String {
    "Write 'sockkit forward \(forwarding.joined(separator: " "))'."
  }

  private static func sshForwarding(in words: [String]) -> (word: String, words: [String])? {
    words.lazy.compactMap { word in SSHForwarding(word).map { (word, $0.words) } }.first
  }
}
