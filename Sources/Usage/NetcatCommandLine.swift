// SPDX-License-Identifier: GPL-3.0-or-later

/// A command line without a subcommand, in the form of `nc` and `ncat`, and its equivalent here.
struct NetcatCommandLine: Equatable {
  /// The equivalent subcommand.
  let subcommand: String
  /// The words after the subcommand.
  let words: [String]
  /// Whether it determines a purpose: listening, UDP, or an address.
  let isTelling: Bool

  /// Translates a command line.
  init(_ line: [String]) {
    var (listens, isUDP, hasAddress) = (false, false, false)
    var kept: [String] = []
    var command: [String] = []
    var tls: [String] = []
    var rest = line[...]
    while let word = rest.popFirst() {
      switch word {
      case "--listen": listens = true
      case "--udp": isUDP = true
      case "--exec": command = Self.program(rest.popFirst())
      case "--sh-exec": command = Self.shellLine(rest.popFirst())
      case "--ssl": tls = ["--tls"]
      case "--ssl-verify": break
      case _ where ForeignOption.optionsOfNcat[word] != nil:
        tls = ["--tls"]
        kept += [ForeignOption.optionsOfNcat[word]].compactMap { $0 } + rest.prefix(1)
        rest = rest.dropFirst()
      case _ where word.hasPrefix("-") && !word.hasPrefix("--"):
        listens = listens || word.contains("l")
        isUDP = isUDP || word.contains("u")
        var letters = word.filter { $0 != "l" && $0 != "u" }
        if letters.last == "e" { command = Self.program(rest.popFirst()) }
        if letters.last == "c" { command = Self.shellLine(rest.popFirst()) }
        if letters.last == "e" || letters.last == "c" { letters.removeLast() }
        if letters != "-" { kept.append(letters) }
      default:
        hasAddress = hasAddress || !word.hasPrefix("-")
        kept.append(word)
      }
    }
    subcommand = listens ? isUDP ? "udp-recv" : "listen" : isUDP ? "udp-send" : "connect"
    // Without a certificate, ncat makes one as well.
    if listens, !tls.isEmpty, !kept.contains("--tls-cert") { tls.append("--tls-self-signed") }
    words = tls + kept + command
    isTelling = listens || isUDP || hasAddress
  }

  private static func program(_ line: String?) -> [String] {
    line.map { ["--"] + $0.split(separator: " ").map(String.init) } ?? []
  }

  private static func shellLine(_ line: String?) -> [String] { line.map { ["--sh-exec", $0] } ?? [] }
}
