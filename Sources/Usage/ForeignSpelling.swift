// SPDX-License-Identifier: GPL-3.0-or-later

/// Words of an address in the spelling of other programs.
package enum ForeignSpelling {
  /// The problem with words of an address in the spelling of `socat`, and what to use instead; `nil` if there are
  /// none.
  package static func socatProblem(in words: [String]) -> String? {
    guard let (word, address) = SocatAddress.mostTelling(of: words) else { return nil }
    let advice = SocatAddress.commandLine(for: words).map { "use '\($0)'" } ?? address.advice
    return ofSocat(word, advice)
  }

  /// The problem with words of `forward` in the spelling of `socat` or of `ssh -L`, and what to use instead; `nil` if
  /// there are none.
  package static func forwardProblem(in words: [String]) -> String? {
    if let (word, forwarding) = sshForwarding(in: words) {
      return UsageAdvice.append(use(forwarding), to: "'\(word)' is a forwarding of ssh")
    }
    guard let (word, address) = SocatAddress.mostTelling(of: words) else { return nil }
    let places = words.compactMap { word in SocatAddress(word).map(\.place) ?? word }
    let options = words.flatMap { SocatAddress($0)?.optionsOfForward ?? [] }
    let advice = address.place != nil && places.count == 2 ? use(options + places) : address.advice
    return ofSocat(word, advice)
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
  static func sshAdvice(on words: [String]) -> String? { sshForwarding(in: words).map { use($0.words) } }

  private static func ofSocat(_ word: String, _ advice: String) -> String {
    UsageAdvice.append(advice, to: "'\(word)' is an address of socat")
  }

  /// The advice to use words of `forward` in another form.
  private static func use(_ forwarding: [String]) -> String {
    "use 'sockkit forward \(forwarding.joined(separator: " "))'"
  }

  private static func sshForwarding(in words: [String]) -> (word: String, words: [String])? {
    words.lazy.compactMap { word in SSHForwarding(word).map { (word, $0.words) } }.first
  }
}
