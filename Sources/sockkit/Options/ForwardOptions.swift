// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sessions
import Sockets
import Usage

/// Which addresses a forwarder uses.
struct ForwardAddressingOptions: ParsableArguments {
  @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Use IPv4 only, on both sides.")
  var isIPv4Only = false

  @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Use IPv6 only, on both sides.")
  var isIPv6Only = false

  @Flag(
    name: [.customShort("n"), .customLong("numeric")],
    help: "Take numeric addresses only; do not look up names.")
  var isNumericOnly = false

  @Option(
    name: [.customShort("s", allowingJoined: true), .customLong("source")],
    help: ArgumentHelp("The address to connect to the target from.", valueName: "addr"),
    completion: .ownAddress, transform: ValueArgument.ipAddress)
  var source: IPAddress?

  /// Rejects options that exclude each other.
  func validate() throws {
    if isIPv4Only && isIPv6Only { throw ValidationError("-4 and -6 exclude each other") }
  }

  /// How names are looked up, and which address family is used.
  var resolver: Resolver {
    Resolver(family: isIPv4Only ? .ipv4 : isIPv6Only ? .ipv6 : nil, isNumericOnly: isNumericOnly)
  }

  /// Parses where to listen and the target, each of them one word or `HOST PORT`.
  ///
  /// - Parameter isInetd: Whether the socket is standard input, and all words are the target.
  func endpoints(_ words: [String], isInetd: Bool) throws -> (place: Endpoint, target: Endpoint) {
    if let problem = ForeignSpelling.forwardProblem(in: words) { throw ValidationError(problem) }
    let words = (isInetd ? Self.standardInput : []) + words
    let count = try Self.listeningWordCount(in: words)
    return (try listeningPlace(Array(words[..<count])), try target(Array(words[count...])))
  }

  /// The word that names standard input as the socket.
  private static let standardInput = ["\(InheritedSockets.descriptor(0))"]

  /// Parses where to listen if there is no target.
  ///
  /// - Parameter isInetd: Whether the socket is standard input, and there are no words.
  func listeningPlace(_ words: [String], isInetd: Bool) throws -> Endpoint {
    guard isInetd else { return try listeningPlace(words) }
    if let word = words.first {
      throw ValidationError("'\(word)': --inetd takes no address: the socket is standard input")
    }
    return try listeningPlace(Self.standardInput)
  }

  /// The number of words that name where to listen; the rest is the target.
  private static func listeningWordCount(in words: [String]) throws -> Int {
    // A target of one word contains a colon, and an address names where to listen only together with a port.
    let isPair =
      words.count > 3
      ? AddressWords.localCount(words[0]) == 2
      : words.count == 3 && (words[2].contains(":") || IPAddress(words[0]) != nil || words[0] == "*")
    let count = isPair ? 2 : 1
    guard words.count > count else {
      throw ValidationError(
        words.isEmpty
          ? "no addresses given: expected LISTEN TARGET, such as 8080 localhost:80"
          : "no target given: expected HOST:PORT, HOST PORT, unix:PATH or vsock:CID:PORT after '\(words[count - 1])'"
      )
    }
    let all = count + (words.count > count + 1 ? AddressWords.remoteCount(words[count]) : 1)
    if words.count > all { throw AddressingOptions.surplus(words[all...]) }
    return count
  }

  /// Parses where to listen: one word, or `HOST PORT`.
  private func listeningPlace(_ words: [String]) throws -> Endpoint {
    if words.count == 1, InheritedSockets.isNamed(by: words[0]), isIPv4Only || isIPv6Only {
      throw ValidationError("-4 and -6 do not apply to \(words[0]), a socket that is open already")
    }
    let endpoint = try endpoint { () throws(Endpoint.SyntaxError) in try Endpoint(listening: words) }
    if case .internet(nil, let port) = endpoint, IPAddress(port) != nil {
      throw ValidationError(
        "'\(port)' is an address without a port: expected PORT, HOST PORT, HOST:PORT, unix:PATH or vsock:CID:PORT"
      )
    }
    return endpoint
  }

  private func target(_ words: [String]) throws -> Endpoint {
    let endpoint = try endpoint { () throws(Endpoint.SyntaxError) in try Endpoint(words) }
    switch endpoint {
    case .internet(nil, let port):
      let lack = words[0].hasPrefix(":") || UInt16(port) != nil ? "host" : "port"
      throw ValidationError(
        "'\(words[0])' has no \(lack): expected HOST:PORT, HOST PORT, unix:PATH or vsock:CID:PORT")
    case _ where endpoint.isPortZero: throw ValidationError("cannot forward to port 0")
    case .vsock(let address) where address.machine == .any || address.port == VsockAddress.anyPort:
      throw ValidationError("'\(words[0])': 'any' is to listen on, and not to connect to")
    case .unix, .vsock:
      if source != nil { throw ValidationError("-s does not apply to \(endpoint.kindBesidesIP ?? "")") }
      return endpoint
    default: return endpoint
    }
  }

  private func endpoint(_ read: () throws(Endpoint.SyntaxError) -> Endpoint) throws -> Endpoint {
    do throws(Endpoint.SyntaxError) {
      return try read()
    } catch {
      throw ValidationError("\(error)")
    }
  }
}

/// How connections are forwarded.
struct ForwardOptions: ParsableArguments {
  @Option(
    name: .connectTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Time limit for connecting (default: 10s).",
      discussion: "It covers all addresses of the target together; 0: as long as the system tries.",
      valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var connectTimeout: Duration?

  @Option(
    name: .idleTimeout, parsing: .unconditional,
    help: ArgumentHelp(
      "Reset a silent connection (default: never).",
      discussion: "Bytes in either direction count.", valueName: "duration"),
    completion: .duration, transform: ValueArgument.duration)
  var idleTimeout: Duration?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Limit on the bytes per second.", discussion: "Each way, and for each connection.", valueName: "size"),
    completion: .size, transform: ValueArgument.rate)
  var rate: Int?

  @Option(
    name: .maximumConnections, parsing: .unconditional,
    help: ArgumentHelp(
      "Limit on connections at a time.",
      discussion: "Others wait in the backlog (default: what descriptors allow).", valueName: "n"),
    completion: .count, transform: ValueArgument.count)
  var maximumConnections: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Number of event loops (default: 1).", valueName: "n"),
    completion: .workers, transform: ValueArgument.workers)
  var workers: Int?

  @Flag(
    help: ArgumentHelp(
      "Report bytes and rates at the end.",
      discussion: "For all connections together; with -v also for each connection when it ends."))
  var stats = false

  @Flag(help: "Write the statistics as JSON objects; requires --stats.")
  var json = false

  /// Rejects options that require another.
  func validate() throws {
    if json && !stats { throw ValidationError("--json requires --stats") }
  }

  private static let defaultConnectLimit = Duration.seconds(10)

  /// Sets how connections are forwarded.
  func apply(to invocation: inout ForwardInvocation) {
    invocation.connectLimit = TimingOptions.limit(connectTimeout ?? Self.defaultConnectLimit)
    invocation.idle = TimingOptions.limit(idleTimeout)
    invocation.rate = rate
    invocation.maximumConnections = maximumConnections
    invocation.workers = workers ?? 1
    invocation.reportsStatistics = stats
  }
}
