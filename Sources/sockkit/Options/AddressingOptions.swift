// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore

/// Who to talk to, and from which address.
struct AddressingOptions: ParsableArguments {
  @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Use IPv4 only.")
  var isIPv4Only = false

  @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Use IPv6 only.")
  var isIPv6Only = false

  @Flag(
    name: [.customShort("n"), .customLong("numeric")], help: "Take numeric addresses only; look no name up.")
  var isNumericOnly = false

  @Option(
    name: [.customShort("U"), .customLong("unix")],
    help: ArgumentHelp(
      "Use the Unix socket PATH (@NAME: abstract); the same as unix:PATH.", valueName: "path"),
    completion: .file(),
    transform: ValueArgument.nonEmpty)
  var unixPath: String?

  @Option(
    name: [.customShort("s", allowingJoined: true), .customLong("source")],
    help: ArgumentHelp("The local address.", valueName: "addr"), transform: ValueArgument.nonEmpty)
  var source: String?

  @Option(
    name: [.customShort("p", allowingJoined: true), .customLong("source-port")], parsing: .unconditional,
    help: ArgumentHelp("The local port.", valueName: "port"), transform: ValueArgument.port)
  var sourcePort: String?

  /// Refuses options that exclude each other.
  func validate() throws {
    if isIPv4Only && isIPv6Only { throw ValidationError("-4 and -6 exclude each other") }
  }

  /// The one family that is wanted, if one is.
  var family: AddressFamily? { isIPv4Only ? .ipv4 : isIPv6Only ? .ipv6 : nil }

  /// How names are looked up.
  var resolver: Resolver { Resolver(family: family, isNumericOnly: isNumericOnly) }

  /// How many words at the beginning name the peer, where others follow: none with `-U`, one if it has a port
  /// in it, or else two.
  func addressWordCount(in words: [String]) -> Int {
    guard unixPath == nil, let first = words.first else { return 0 }
    let isWhole = first.hasPrefix("unix:") || first.contains("]:") || first.count { $0 == ":" } == 1
    return isWhole ? 1 : 2
  }

  /// The endpoint to connect to.
  func remoteEndpoint(_ words: [String]) throws -> Endpoint {
    if let endpoint = try unixEndpoint(words) { return endpoint }
    guard !words.isEmpty else {
      throw ValidationError("nobody to connect to: expected HOST PORT or HOST:PORT")
    }
    let endpoint = try Self.endpoint(words)
    if case .internet(nil, _) = endpoint {
      let problem = words[0].hasPrefix(":") ? "names no host" : "is only one word"
      throw ValidationError("'\(words[0])' \(problem): expected HOST PORT or HOST:PORT")
    }
    return endpoint
  }

  /// The endpoint to listen on: as words, or as users of `nc -l -p PORT` write it.
  func localEndpoint(_ words: [String]) throws -> Endpoint {
    if let endpoint = try unixEndpoint(words) { return endpoint }
    let all = words + (sourcePort.map { [$0] } ?? [])
    guard !all.isEmpty else {
      throw ValidationError("nowhere to listen: expected PORT, HOST PORT or HOST:PORT")
    }
    let endpoint = try Self.endpoint(all)
    if case .internet(nil, let port) = endpoint, IPAddress(port) != nil {
      throw ValidationError("'\(port)' is an address without a port: expected PORT, HOST PORT or HOST:PORT")
    }
    guard let source, case .internet(let host, let port) = endpoint else { return endpoint }
    guard host == nil else { throw ValidationError("-s \(source) names another host than '\(endpoint)'") }
    return .internet(host: source, port: port)
  }

  /// The same endpoint on this machine alone, where it names no host: for what must not be reached by everybody.
  func onLoopback(_ endpoint: Endpoint) -> Endpoint {
    guard case .internet(nil, let port) = endpoint else { return endpoint }
    return .internet(host: family == .ipv6 ? "::1" : "127.0.0.1", port: port)
  }

  /// The Unix socket that `-U` or a word names, if one does.
  private func unixEndpoint(_ words: [String]) throws -> Endpoint? {
    if let unixPath, !words.isEmpty { throw ValidationError("-U \(unixPath) takes no further address") }
    let endpoint = try unixPath.map { .unix($0) } ?? (words.count == 1 ? Self.endpoint(words) : nil)
    guard case .unix? = endpoint else { return nil }
    if isIPv4Only || isIPv6Only { throw ValidationError("-4 and -6 do not apply to a Unix socket") }
    if source != nil || sourcePort != nil { throw ValidationError("-s and -p do not apply to a Unix socket") }
    return endpoint
  }

  private static func endpoint(_ words: [String]) throws -> Endpoint {
    do { return try Endpoint(words) } catch { throw ValidationError("\(error)") }
  }

  /// The address and port to send from; `nil` and 0 leave them to the kernel.
  func localSource(
    protocol: String, until deadline: Deadline
  ) throws(Failure) -> (address: IPAddress?, port: UInt16) {
    do throws(ResolutionError) {
      let port = try sourcePort.map { (text) throws(ResolutionError) in
        try Resolver.port(text, protocol: `protocol`)
      }
      guard let source else { return (nil, port ?? 0) }
      let addresses = try resolver.addresses(ofHost: source, port: 0, deadline: deadline)
      guard case .internet(let address, _)? = addresses.first else { return (nil, port ?? 0) }
      return (address, port ?? 0)
    } catch {
      throw Failure(error)
    }
  }
}

extension ArgumentHelp {
  /// How the address to bind is named.
  static var localAddress: ArgumentHelp {
    ArgumentHelp(
      "PORT, HOST PORT, HOST:PORT, :PORT or unix:PATH; port 0 lets the kernel choose.", valueName: "address")
  }
}
