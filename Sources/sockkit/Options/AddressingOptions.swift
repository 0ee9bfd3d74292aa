// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import Usage

/// The address of the peer, and the local address.
struct AddressingOptions: ParsableArguments {
  @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Use IPv4 only.")
  var isIPv4Only = false

  @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Use IPv6 only.")
  var isIPv6Only = false

  @Flag(
    name: [.customShort("n"), .customLong("numeric")],
    help: "Take numeric addresses only; do not look up names.")
  var isNumericOnly = false

  @Option(
    name: [.customShort("U"), .customLong("unix")],
    help: ArgumentHelp(
      "Use this Unix socket.", discussion: "The same as unix:PATH. @NAME is an abstract name.",
      valueName: "path"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var unixPath: String?

  @Option(
    name: [.customShort("s", allowingJoined: true), .customLong("source")],
    help: ArgumentHelp("Bind to this local address, ADDR or ADDR:PORT.", valueName: "addr"),
    completion: .ownAddress,
    transform: ValueArgument.nonEmpty)
  var source: String?

  @Option(
    name: [.customShort("p", allowingJoined: true), .customLong("source-port")], parsing: .unconditional,
    help: ArgumentHelp("Bind to this local port.", valueName: "port"), completion: .service,
    transform: ValueArgument.port)
  var sourcePort: String?

  /// Rejects options that exclude each other.
  func validate() throws {
    if isIPv4Only && isIPv6Only { throw ValidationError("-4 and -6 exclude each other") }
    _ = try sourceParts()
  }

  /// The only address family to use; `nil` for both.
  var family: AddressFamily? { isIPv4Only ? .ipv4 : isIPv6Only ? .ipv6 : nil }

  /// How names are looked up.
  var resolver: Resolver { Resolver(family: family, isNumericOnly: isNumericOnly) }

  /// The number of words at the beginning that name the peer, if others follow: none with `-U`, one if it contains a
  /// port, otherwise two.
  func addressWordCount(in words: [String]) -> Int {
    guard unixPath == nil, let first = words.first else { return 0 }
    return AddressWords.remoteCount(first)
  }

  /// The number of words at the beginning that name where to listen, if others follow: none with `-U`, one if it
  /// contains a port or is one, or with `-p`, otherwise two.
  func localWordCount(in words: [String]) -> Int {
    guard unixPath == nil, let first = words.first else { return 0 }
    return sourcePort != nil ? 1 : AddressWords.localCount(first)
  }

  /// The endpoint to connect to.
  func remoteEndpoint(_ words: [String]) throws -> Endpoint {
    try Self.refuseSpellingsOfSocat(words)
    if let endpoint = try localEndpoint(words) {
      if case .vsock(let address) = endpoint, address.machine == .any || address.port == VsockAddress.anyPort
      {
        throw ValidationError("'\(words[0])': 'any' is to listen on, and not to connect to")
      }
      return endpoint
    }
    guard !words.isEmpty else { throw ValidationError("no address given: expected HOST PORT or HOST:PORT") }
    let endpoint = try Self.endpoint(words, count: addressWordCount(in: words))
    if case .internet("*", _) = endpoint {
      throw ValidationError("'*' is every interface to listen on, and not a host to connect to")
    }
    if case .internet(nil, _) = endpoint {
      let problem = words[0].hasPrefix(":") ? "has no host" : "is only one word"
      let advice = sourcePort.map {
        "-p \($0) is the local port, and the other is an argument: \(words[0]) \($0)"
      }
      throw ValidationError(
        UsageAdvice.append(advice, to: "'\(words[0])' \(problem): expected HOST PORT or HOST:PORT"))
    }
    return endpoint
  }

  /// The endpoint to listen on: as words, or in the form of `nc -l -p PORT`.
  ///
  /// - Parameter isInetd: Whether the socket is standard input.
  func localEndpoint(_ words: [String], isInetd: Bool) throws -> Endpoint {
    try Self.refuseSpellingsOfSocat(words)
    if isInetd, unixPath != nil || !words.isEmpty {
      throw ValidationError("--inetd takes no address: the socket is standard input")
    }
    if let endpoint = try inheritedEndpoint(isInetd ? ["\(InheritedSockets.descriptor(0))"] : words)
      ?? localEndpoint(words)
    {
      return endpoint
    }
    let (sourceHost, sourcePort) = try sourceParts()
    if let sourcePort, words.count == 1, Self.isPort(words[0]) {
      throw ValidationError("two ports are given: '\(words[0])' and \(sourcePort) (-p or -s)")
    }
    let all = words + (sourcePort.map { [$0] } ?? [])
    guard !all.isEmpty else {
      throw ValidationError("no port given: expected PORT, HOST PORT or HOST:PORT")
    }
    if sourcePort != nil, words.count > 1 { throw Self.surplus(words.dropFirst()) }
    let isAlone = all.count > 1 && Self.isPort(all[0]) && !Self.isPort(all[1])
    let endpoint = try Self.endpoint(all, count: isAlone ? 1 : addressWordCount(in: all))
    if case .internet(nil, let port) = endpoint, Self.isHost(port) {
      let problem = IPAddress(port) == nil ? "is not a port" : "is an address without a port"
      throw ValidationError("'\(port)' \(problem): expected PORT, HOST PORT or HOST:PORT")
    }
    guard let sourceHost, case .internet(let host, let port) = endpoint else { return endpoint }
    guard host == nil else { throw ValidationError("-s \(sourceHost) names another host than '\(endpoint)'") }
    return .internet(host: sourceHost, port: port)
  }

  /// The sockets of another process that the first word names, if it does.
  private func inheritedEndpoint(_ words: [String]) throws -> Endpoint? {
    guard unixPath == nil, let first = words.first, InheritedSockets.isNamed(by: first) else { return nil }
    guard words.count == 1 else { throw Self.surplus(words.dropFirst()) }
    if isIPv4Only || isIPv6Only || source != nil || sourcePort != nil {
      throw ValidationError("-4, -6, -s and -p do not apply to \(first), a socket that is open already")
    }
    do { return try Endpoint(listening: words) } catch { throw ValidationError("\(error)") }
  }

  /// Rejects an endpoint that has no datagrams.
  static func checkDatagrams(_ endpoint: Endpoint) throws {
    guard case .vsock = endpoint else { return }
    throw ValidationError("'\(endpoint)': datagrams are not sent over vsock, only connections")
  }

  /// The Unix socket that `-U` or a word names, or the port of a virtual machine that a word names, if any.
  private func localEndpoint(_ words: [String]) throws -> Endpoint? {
    if let unixPath, !words.isEmpty { throw ValidationError("-U \(unixPath) takes no further address") }
    let endpoint = try unixPath.map { .unix($0) } ?? (words.count == 1 ? Self.endpoint(words) : nil)
    guard let endpoint, let kind = endpoint.kindBesidesIP else { return nil }
    if isIPv4Only || isIPv6Only { throw ValidationError("-4 and -6 do not apply to \(kind)") }
    if source != nil || sourcePort != nil { throw ValidationError("-s and -p do not apply to \(kind)") }
    return endpoint
  }

  private static func endpoint(_ words: [String]) throws -> Endpoint {
    do { return try Endpoint(words) } catch {
      let advice = ForeignSpelling.urlAdvice(on: words, in: ProgramArguments.words.first ?? "")
      throw ValidationError(UsageAdvice.append(advice, to: "\(error)"))
    }
  }

  /// The endpoint that the first words name; further words are rejected.
  private static func endpoint(_ words: [String], count: Int) throws -> Endpoint {
    let endpoint = try endpoint(Array(words.prefix(count)))
    guard words.count > count else { return endpoint }
    if endpoint.kindBesidesIP != nil, words.count == count + 1 { return try Self.endpoint(words) }
    throw surplus(words[count...])
  }

  /// The usage error for surplus words.
  static func surplus(_ words: ArraySlice<String>) -> ValidationError {
    let problem = words.count == 1 ? "one word too many" : "\(words.count) words too many"
    let list = words.map { "'\($0)'" }.joined(separator: ", ")
    let advice = CommandOptions.areTaken ? UsageAdvice.commandPlace : nil
    return ValidationError(UsageAdvice.append(advice, to: "\(problem): \(list)"))
  }

  private static func refuseSpellingsOfSocat(_ words: [String]) throws {
    if let problem = ForeignSpelling.socatProblem(in: words) { throw ValidationError(problem) }
  }

  /// Whether a word is a port number or the name of a service.
  static func isPort(_ word: String) -> Bool {
    UInt16(word) != nil || ServiceDatabase.port(of: word) != nil
      || ServiceDatabase.port(of: word, protocol: "udp") != nil
  }

  /// Whether a word in the place of a port is a host, as far as this is known without a look-up.
  static func isHost(_ word: String) -> Bool {
    guard !isPort(word) else { return false }
    return word == "*" || word.contains(".") || IPAddress(word) != nil || word == "localhost"
      || HostNames.known(home: nil).contains(word)
  }

  /// The local address and port from `-s` and `-p`. `-s` takes both, as `ADDR:PORT`.
  private func sourceParts() throws -> (host: String?, port: String?) {
    guard let source, source.contains(":"), IPAddress(source) == nil else { return (source, sourcePort) }
    do throws(Endpoint.SyntaxError) {
      guard case .internet(let host?, let port) = try Endpoint(source) else {
        throw Endpoint.SyntaxError("'\(source)' is not an address")
      }
      if let sourcePort { throw Endpoint.SyntaxError("-p \(sourcePort) repeats the port") }
      return (host, port)
    } catch {
      throw ValidationError("-s \(source): \(error); expected ADDR or ADDR:PORT")
    }
  }

  /// The local address and port.
  ///
  /// - Throws: A usage error for the name of an interface.
  func localSource() throws -> LocalSource {
    var source = LocalSource()
    (source.host, source.port) = try sourceParts()
    if sourcePort == nil { source.portOption = "-s" }
    if let host = source.host, IPAddress(host) == nil, SystemInventory.interfaces.contains(host) {
      throw ValidationError("-s \(host): this is an interface (use '--interface \(host)')")
    }
    return source
  }
}

extension ArgumentHelp {
  /// The help for the address to bind.
  static var localAddress: ArgumentHelp { localAddress("unix:PATH, vsock:CID:PORT") }

  /// The same for a socket that receives datagrams.
  static var localAddressOfDatagrams: ArgumentHelp { localAddress("unix:PATH") }

  private static func localAddress(_ others: String) -> ArgumentHelp {
    ArgumentHelp(
      "PORT, HOST PORT, HOST:PORT, :PORT, \(others), systemd[:NAME] or fd:N; port 0 lets the kernel choose.",
      valueName: "address")
  }
}
