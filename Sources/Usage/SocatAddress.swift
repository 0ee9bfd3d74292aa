// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets

/// An address in the spelling of `socat`, such as `TCP-LISTEN:5000,fork`, and its equivalent here.
struct SocatAddress: Equatable {
  /// The meaning of a word.
  enum Meaning: Equatable {
    /// A socket, and its equivalent.
    case socket(Socket)
    /// A command, as the words of a command line that runs it.
    case command([String])
    /// The standard streams, which need no words.
    case standardStreams
    /// Anything else that needs no words, or is not supported.
    case other
  }

  /// A socket in the terms of this program.
  struct Socket: Equatable {
    /// The equivalent subcommand.
    let subcommand: String
    /// The words of its address.
    let address: [String]
    /// Whether it serves any number of clients.
    let isForking: Bool
    /// Its options for TLS, by their names in `socat`; `nil` without TLS.
    let protection: [String: String]?

    /// The options for TLS of a subcommand with this socket.
    func options(of subcommand: String) -> [String] {
      guard let protection else { return [] }
      func options(_ names: KeyValuePairs<String, String>) -> [String] {
        names.flatMap { name, option in protection[name].map { [option, $0] } ?? [] }
      }
      switch (self.subcommand, subcommand) {
      case ("connect", "forward"):
        return ["--tls-target"]
          + options(["cafile": "--tls-ca", "cert": "--tls-target-cert", "key": "--tls-target-key"])
      case ("connect", _), ("udp-send", _):
        return ["--tls"] + options(["cafile": "--tls-ca", "cert": "--tls-cert", "key": "--tls-key"])
      default:
        let identity = options(["cert": "--tls-cert", "key": "--tls-key"])
        return ["--tls"] + (identity.isEmpty ? ["--tls-self-signed"] : identity)
          + options(["cafile": "--tls-client-ca"])
      }
    }
  }

  /// The meaning of the word.
  let meaning: Meaning
  /// The words to use instead.
  let advice: String

  /// Recognises an address; `nil` for every other word, including `unix:PATH`, a URL, and a host named `tcp`.
  init?(_ word: String) {
    let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let kind = parts[0].uppercased()
    guard parts.count == 2, !Endpoint.isWhole(word), !parts[1].hasPrefix("//") else {
      guard ["-", "STDIO", "STDIN", "STDOUT"].contains(word) else { return nil }
      meaning = .standardStreams
      advice = "standard input and output are used without being named"
      return
    }
    let options = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    // A host may have any of these names.
    guard kind.contains("-") || UInt16(options[0]) == nil else { return nil }
    if let (meaning, advice) = Self.unconnected(kind, options[0], options.dropFirst()) {
      self.meaning = meaning
      self.advice = advice
      return
    }
    guard let socket = Self.socket(kind, options[0], options.dropFirst()) else { return nil }
    meaning = .socket(socket)
    advice = Self.commandLine(of: [meaning]).map { "use '\($0)'" } ?? ""
  }

  /// The equivalent command line of words in the spelling of `socat`; `nil` if there is none.
  static func commandLine(for words: some Sequence<String>) -> String? {
    commandLine(of: words.compactMap { SocatAddress($0)?.meaning })
  }

  /// The most significant of the words, with its address; `nil` if none is in the spelling of `socat`.
  static func mostTelling(of words: some Sequence<String>) -> (word: String, address: SocatAddress)? {
    let found = words.compactMap { word in SocatAddress(word).map { (word: word, address: $0) } }
    // Unsupported addresses come first, then those with an equivalent, and last those that need no words.
    return found.first { $0.address.meaning == .other } ?? found.first { $0.address.place != nil }
      ?? found.first { $0.address.meaning != .standardStreams } ?? found.first
  }

  /// The address as one word: `HOST:PORT`, `PORT` or `unix:PATH`; `nil` if it is not a socket.
  var place: String? {
    guard case .socket(let socket) = meaning else { return nil }
    return socket.address.joined(separator: ":")
  }

  /// The options of `forward` with which it speaks TLS on the side of the socket.
  var optionsOfForward: [String] {
    guard case .socket(let socket) = meaning else { return [] }
    return socket.options(of: "forward")
  }

  private static func commandLine(of meanings: [Meaning]) -> String? {
    var sockets: [Socket] = []
    var command: [String] = []
    for meaning in meanings {
      switch meaning {
      case .socket(let socket): sockets.append(socket)
      case .command(let words): command = words
      case .standardStreams: break
      case .other: return nil
      }
    }
    guard let first = sockets.first else { return nil }
    let names = sockets.map(\.subcommand)
    var words = [first.subcommand]
    if sockets.count > 1 {
      guard command.isEmpty, names == ["listen", "connect"] else { return nil }
      words = ["forward"] + sockets.flatMap { $0.options(of: "forward") }
      words += sockets.map { $0.address.joined(separator: ":") }
    } else {
      guard command.isEmpty || ["listen", "connect"].contains(first.subcommand) else { return nil }
      words += (first.subcommand == "listen" && first.isForking ? ["-k"] : [])
      words += first.options(of: first.subcommand) + first.address + command
    }
    return (["sockkit"] + words).joined(separator: " ")
  }

  private static func socket(_ kind: String, _ place: String, _ options: ArraySlice<String>) -> Socket? {
    let names = ["TCP", "UDP", "UNIX", "ABSTRACT", "OPENSSL", "SSL"]
    guard let transport = names.first(where: { kind.hasPrefix($0) }) else { return nil }
    let rest = kind.dropFirst(transport.count).drop { $0 == "4" || $0 == "6" }
    guard rest.isEmpty || rest.hasPrefix("-") else { return nil }
    let isDTLS = rest.hasPrefix("-DTLS")
    let role = isDTLS ? rest.dropFirst("-DTLS".count) : rest
    let receives = role.hasPrefix("-L") || role.hasPrefix("-RECV") || role.hasPrefix("-SERVER")
    let isDatagram = isDTLS || transport == "UDP" || rest.hasPrefix("-RECV") || rest.hasPrefix("-SEND")
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
    var protection: [String: String]?
    if transport.hasSuffix("SSL") {
      let pairs = options.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
      protection = Dictionary(
        pairs.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }, uniquingKeysWith: { $1 })
    }
    return Socket(
      subcommand: name, address: words, isForking: options.contains("fork"), protection: protection)
  }

  /// Addresses that are not sockets, and what to use instead.
  private static func unconnected(
    _ kind: String, _ place: String, _ options: ArraySlice<String>
  ) -> (Meaning, String)? {
    switch kind {
    case "EXEC":
      (
        .command(["--"] + place.split(separator: " ").map(String.init)),
        "\(UsageAdvice.commandPlace): '-- \(place)'"
      )
    case "SYSTEM", "SHELL":
      // A command for a shell is a single word, and would need quotes within those of a message.
      (
        .command(["--sh-exec", place.contains(" ") ? "COMMAND" : place]),
        "to run a shell command, use '--sh-exec COMMAND'"
      )
    case "OPEN", "FILE", "GOPEN", "CREATE": (.standardStreams, "a file is redirected: '< FILE' or '> FILE'")
    case _ where kind.hasPrefix("PROXY") || kind.hasPrefix("SOCKS"): (.other, proxied(kind, place, options))
    default: nil
    }
  }

  /// The equivalent of `PROXY:PROXY:HOST:PORT,proxyport=PORT`, `SOCKS4:PROXY:HOST:PORT,socksport=PORT` or
  /// `SOCKS5-CONNECT:PROXY:PORT:HOST:PORT`.
  private static func proxied(_ kind: String, _ place: String, _ options: ArraySlice<String>) -> String {
    let words = place.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 3 || words.count == 4 else { return "to connect through a proxy, use '--proxy URL'" }
    let schemes = ["PROXY": "http", "SOCKS5": "socks5", "SOCKS4A": "socks4a"]
    let scheme = schemes.first { kind.hasPrefix($0.key) }?.value ?? "socks4"
    let port =
      words.count == 4
      ? words[1]
      : options.first { $0.hasPrefix("proxyport=") || $0.hasPrefix("socksport=") }
        .map { String($0.dropFirst(10)) } ?? (scheme == "http" ? "8080" : "1080")
    let target = words.suffix(2).joined(separator: " ")
    return "use 'sockkit connect --proxy \(scheme)://\(words[0]):\(port) \(target)'"
  }
}
