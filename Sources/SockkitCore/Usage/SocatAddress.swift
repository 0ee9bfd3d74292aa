// SPDX-License-Identifier: GPL-3.0-or-later

/// A word as `socat` spells addresses, such as `TCP-LISTEN:5000,fork`, and what there is here in its place.
struct SocatAddress: Equatable {
  /// The command line that does what the address is for; `nil` where none does.
  let commandLine: String?
  /// A sentence that says what to write.
  let advice: String

  /// Recognizes an address; `nil` for every other word, also for `unix:PATH` and for a host that is called `tcp`.
  init?(_ word: String) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let kind = parts[0].uppercased()
    guard parts.count == 2, !word.hasPrefix("unix:") else {
      guard ["-", "STDIO", "STDIN", "STDOUT"].contains(word) else { return nil }
      commandLine = nil
      advice = "Standard input and output are used without being named."
      return
    }
    let options = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // A host may have any of these names.
    guard kind.contains("-") || UInt16(options[0]) == nil else { return nil }
    if let sentence = Self.sentence(about: kind, options[0]) {
      commandLine = nil
      advice = sentence
      return
    }
    guard let words = Self.command(kind, options[0], isForking: options.dropFirst().contains("fork")) else {
      return nil
    }
    let line = (["sockkit"] + words).joined(separator: " ")
    commandLine = line
    advice = "Write '\(line)'."
  }

  /// The command line that words spelled as those of `socat` stand for, if one of them tells.
  static func commandLine(for words: some Sequence<String>) -> String? {
    words.lazy.compactMap { SocatAddress($0)?.commandLine }.first
  }

  private static func command(
    _ kind: String, _ place: String, isForking: Bool
  ) -> [String]? {
    let names = ["TCP", "UDP", "UNIX", "ABSTRACT"]
    guard let transport = names.first(where: { kind.hasPrefix($0) }) else { return nil }
    let rest = kind.dropFirst(transport.count).drop { $0 == "4" || $0 == "6" }
    guard rest.isEmpty || rest.hasPrefix("-") else { return nil }
    let receives = rest.hasPrefix("-L") || rest.hasPrefix("-RECV")
    let isDatagram = transport == "UDP" || rest.hasPrefix("-RECV") || rest.hasPrefix("-SEND")
    let name = isDatagram ? receives ? "udp-recv" : "udp-send" : receives ? "listen" : "connect"
    var words = [place]
    switch transport {
    case "UNIX": words = ["unix:\(place)"]
    case "ABSTRACT": words = ["unix:@\(place)"]
    default:
      if let colon = place.lastIndex(of: ":"), !place.hasPrefix("[") {
        words = [String(place[..<colon]), String(place[colon...].dropFirst())]
      }
    }
    return [name] + (name == "listen" && isForking ? ["-k"] : []) + words
  }

  private static func sentence(about kind: String, _ place: String) -> String? {
    switch kind {
    case "EXEC": "A command goes after '--': '-- \(place)'."
    case "SYSTEM", "SHELL": "A shell command is '--sh-exec COMMAND'."
    case "OPEN", "FILE", "GOPEN", "CREATE": "A file is redirected: '< FILE' or '> FILE'."
    case _ where kind.hasPrefix("OPENSSL") || kind == "SSL": ForeignOption.noTLS
    case _ where kind.hasPrefix("PROXY") || kind.hasPrefix("SOCKS"): ForeignOption.noProxies
    default: nil
    }
  }
}
