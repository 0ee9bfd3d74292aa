// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
package import HTTP
package import Handshakes
import Sockets
import TLS
import Text
import Transport

/// The proxies on the way to a target, in the order of the path.
package struct ProxyChain: Sendable {
  /// One proxy.
  package struct Proxy: Sendable {
    fileprivate let url: ProxyURL
    fileprivate let makeSource: @Sendable () -> ProxyCredentialSource?
    fileprivate let authentication: ProxyAuthentication
    fileprivate let protect: StreamLayer?
    fileprivate let files: NeededFiles

    /// Creates a proxy.
    ///
    /// - Parameters:
    ///   - protection: That of the connection to the proxy; `nil` for none.
    ///   - makeCredentials: What to authenticate a connection with; `nil` for nothing.
    package init(
      _ url: ProxyURL, _ protection: Protection? = nil,
      makeCredentials: @escaping @Sendable () -> ProxyCredentials?
    ) {
      self.init(url, protection) { makeCredentials().map { .known($0) } }
    }

    /// Creates a proxy whose credentials are asked for if it requires them.
    package init(_ url: ProxyURL, asking question: CredentialQuestion) {
      self.init(url, nil) { .asked(question) }
    }

    private init(
      _ url: ProxyURL, _ protection: Protection?, makeSource: @escaping @Sendable () -> ProxyCredentialSource?
    ) {
      self.url = url
      protect = protection?.protect
      files = protection?.files ?? NeededFiles()
      self.makeSource = makeSource
      authentication = ProxyAuthentication(by: makeSource()) { function, bytes in
        try? OpenSSL.hash(bytes, by: function.rawValue)
      }
    }

    fileprivate var name: String { "\(url.endpoint)" }

    fileprivate var isOfHTTP: Bool { [.http, .https].contains(url.scheme) }

    /// The credentials of SOCKS, which has no tokens.
    private var userSource: ProxyCredentialSource? {
      let source = makeSource()
      if case .known(.bearer)? = source { return nil }
      return source
    }

    fileprivate func handshake(
      to target: ProxyTarget, _ version: HTTPConnect.Version, _ fields: [HTTPAddedField]
    ) -> any Handshake {
      switch url.scheme {
      case .http, .https: HTTPConnect(to: target, through: name, authentication, version, fields: fields)
      case .socks4, .socks4a: SOCKS4Connect(to: target, through: name, as: userSource?.knownUser ?? "")
      case .socks5, .socks5h: SOCKS5Connect(to: target, through: name, authenticatingBy: userSource)
      }
    }

    fileprivate func association(to target: ProxyTarget) -> any Handshake {
      SOCKS5Connect(.associate, to: target, through: name, authenticatingBy: userSource)
    }
  }

  private let proxies: [Proxy]
  /// Loads what the handshakes with the proxies need, which may not be possible later: the hash functions of Digest.
  func prepare() { if proxies.contains(where: \.isOfHTTP) { OpenSSL.prepareHashes() } }

  /// What the handshakes with the proxies read.
  var files: NeededFiles {
    proxies.reduce(into: NeededFiles()) { $0.add($1.files) }
  }
  /// Further header fields for HTTP proxies.
  package var fields: [HTTPAddedField] = []
  /// The version of HTTP in which HTTP proxies are asked.
  package var version = HTTPConnect.Version.http11
  /// Whether the target's name is looked up here, rather than by the last proxy.
  package var looksUpLocally = false

  /// The hosts that are connected to without a proxy.
  package var exceptions = ProxyExceptions("")

  /// Creates a chain of at least one proxy.
  package init(_ proxies: [Proxy]) {
    precondition(!proxies.isEmpty)
    self.proxies = proxies
  }

  /// The endpoint to connect to.
  var first: Endpoint { proxies[0].url.endpoint }

  /// The text for messages: the proxies in their order.
  var names: String { proxies.map(\.name).joined(separator: ", ") }

  /// The target as the last proxy is told.
  ///
  /// - Throws: A failure of the look-up, or a usage error if the proxy cannot be told such a target.
  func target(
    _ endpoint: Endpoint, protocol: String = "tcp", by resolver: Resolver, until deadline: Deadline
  ) throws(Failure) -> ProxyTarget {
    guard case .internet(let name, let service) = endpoint else {
      throw Failure(.usage, "\(endpoint) cannot be reached through a proxy")
    }
    let port: UInt16
    do { port = try Resolver.port(service, protocol: `protocol`) } catch { throw Failure(error) }
    return ProxyTarget(try host(name ?? "localhost", by: resolver, until: deadline), port: port)
  }

  /// A host as the last proxy is told.
  ///
  /// - Throws: The same as `target`.
  func host(_ text: String, by resolver: Resolver, until deadline: Deadline) throws(Failure)
    -> ProxyTarget.Host
  {
    let host: ProxyTarget.Host
    do { host = try find(text, by: resolver, until: deadline) } catch { throw Failure(error) }
    switch host {
    case .name(let name) where name.utf8.count > ProxyTarget.longestName:
      throw Failure(.usage, "the name '\(text)' is longer than \(ProxyTarget.longestName) bytes")
    case .address(let address) where isOfSOCKS4 && address.unmapped.family == .ipv6:
      throw Failure(.usage, "\(text): SOCKS 4, which the last proxy speaks, has no IPv6 addresses")
    case .name, .address: return host
    }
  }

  /// The way to requested targets.
  ///
  /// - Parameter proxy: The first proxy.
  func route(through proxy: Upstream) -> ProxyRoute {
    ProxyRoute(to: proxy, takesNames: !looksUpLocally && !needsIPv4, takesIPv6: !isOfSOCKS4) {
      [exceptions] host in
      switch host {
      case .name(let name): exceptions.contain(name)
      case .address(let address): exceptions.contain("\(address)")
      }
    }
  }

  private var isOfSOCKS4: Bool { [.socks4, .socks4a].contains(proxies[proxies.count - 1].url.scheme) }
  /// The original version of SOCKS 4 has no names.
  private var needsIPv4: Bool { proxies[proxies.count - 1].url.scheme == .socks4 }

  private func find(
    _ text: String, by resolver: Resolver, until deadline: Deadline
  ) throws(ResolutionError) -> ProxyTarget.Host {
    if let address = IPAddress(text) { return .address(address) }
    if looksUpLocally || needsIPv4 {
      let resolver =
        needsIPv4 ? Resolver(family: .ipv4, isNumericOnly: resolver.isNumericOnly) : resolver
      for case .internet(let address, _) in try resolver.addresses(ofHost: text, port: 0, deadline: deadline)
      {
        return .address(address)
      }
      throw ResolutionError(name: text, reason: LookupFailure(.noData).reason)
    }
    do throws(LookupFailure) {
      let name = try InternationalName.encode(text)
      // Anything else would not be a name in the request to the proxy.
      let isName =
        !name.isEmpty && name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-._".utf8.contains($0) }
      guard isName else { throw LookupFailure(.hostNotFound, "not the name of a host") }
      return .name(name)
    } catch {
      throw ResolutionError(name: text, reason: error.reason)
    }
  }

  /// Creates the stream to a target over a connection to the first proxy.
  func makeStream(over transport: any ByteStream, to target: ProxyTarget) -> any ByteStream {
    var stream = transport
    for (index, proxy) in proxies.enumerated() {
      let next = index + 1 < proxies.count ? ProxyTarget(of: proxies[index + 1].url) : target
      stream = HandshakeStream(
        over: proxy.protect?(stream) ?? stream, proxy.handshake(to: next, version, fields))
    }
    return stream
  }

  /// Creates the stream over a connection to the only proxy, which speaks SOCKS 5 and is asked to relay datagrams to a
  /// target.
  func makeAssociation(over transport: any ByteStream, to target: ProxyTarget) -> any ByteStream {
    precondition(proxies.count == 1 && proxies[0].url.scheme.relaysDatagrams)
    return HandshakeStream(over: transport, proxies[0].association(to: target))
  }
}

extension ProxyCredentialSource {
  /// The user, if it is known.
  fileprivate var knownUser: String? { if case .known(.user(let user)) = self { user.user } else { nil } }
}

extension ProxyTarget {
  /// A proxy as the target of the one before it.
  fileprivate init(of url: ProxyURL) {
    self.init(IPAddress(url.host).map { .address($0) } ?? .name(url.host), port: url.port)
  }
}
