// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import HTTP
import Handshakes
import Sessions
import Sockets
import SystemPackage
import TLS
import Text

/// Where a target's name is looked up.
enum ProxyNameSource: String, CaseIterable, ExpressibleByArgument {
  case local
  case remote
}

/// The proxies that a client connects through.
struct ProxyOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Connect through this proxy; may be repeated, in the order of the path.",
      discussion:
        "SCHEME://[USER@]HOST[:PORT] with the scheme http, https, socks4, socks4a, socks5 or socks5h. 'env' uses "
        + "ALL_PROXY and NO_PROXY, which are not used otherwise.",
      valueName: "url|env"),
    completion: .list(ProxyURL.Scheme.allCases.map { "\($0.rawValue)://" } + ["env"]),
    transform: ValueArgument.nonEmpty)
  var proxy: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hosts to connect to without a proxy, such as 'localhost,.example.org,192.0.2.0/24'.", valueName: "list"
    ),
    completion: .hostName)
  var noProxy: String?

  @Option(
    name: .customLong("proxy-dns"), parsing: .unconditional,
    help: ArgumentHelp("Where the target's name is looked up (default: remote).", valueName: "local|remote"))
  var proxyDNS: ProxyNameSource?

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "A file with USER:PASSWORD or 'Bearer TOKEN' for the proxy; repeated for further proxies, in their order.",
      valueName: "file"), completion: .file(), transform: ValueArgument.nonEmpty)
  var proxyAuthFile: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Send this header field to HTTP proxies; may be repeated.", valueName: "name: value"),
    transform: ValueArgument.proxyField)
  var proxyHeader: [HTTPAddedField] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Use a circuit of Tor of its own for this token, or for each connection with 'random'.",
      valueName: "token|random"), completion: .list(["random"]), transform: ValueArgument.nonEmpty)
  var proxyIsolate: String?

  @Option(
    name: .customLong("proxy-tls-ca"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Trust these authorities for https proxies; may be repeated.", valueName: "file|dir"),
    completion: .file(), transform: ValueArgument.nonEmpty)
  var proxyTLSCA: [String] = []

  @Option(
    name: .customLong("proxy-tls-pin"), parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Accept only https proxies with this key or certificate; may be repeated.", valueName: "pin"),
    transform: TLSOptions.pin)
  var proxyTLSPin: [Pin] = []

  @Flag(help: "Do not verify https proxies.")
  var proxyInsecure = false

  /// The options, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (!proxy.isEmpty, "--proxy"), (noProxy != nil, "--no-proxy"), (proxyDNS != nil, "--proxy-dns"),
      (!proxyAuthFile.isEmpty, "--proxy-auth-file"), (!proxyHeader.isEmpty, "--proxy-header"),
      (proxyIsolate != nil, "--proxy-isolate"), (!proxyTLSCA.isEmpty, "--proxy-tls-ca"),
      (!proxyTLSPin.isEmpty, "--proxy-tls-pin"), (proxyInsecure, "--proxy-insecure"),
    ]
  }

  /// Rejects options that exclude each other, or would have no effect.
  func validate() throws {
    if proxy.isEmpty, let flag = flags.first(where: \.isGiven) {
      throw ValidationError("\(flag.name) has no effect without --proxy")
    }
    if proxy.count > 1, proxy.contains("env") {
      throw ValidationError("--proxy env stands for all proxies, and cannot be one of several")
    }
    if proxyAuthFile.count > proxy.count {
      throw ValidationError("--proxy-auth-file is given more often than --proxy")
    }
    if proxyInsecure, !proxyTLSCA.isEmpty || !proxyTLSPin.isEmpty {
      throw ValidationError(
        "--proxy-insecure and \(proxyTLSPin.isEmpty ? "--proxy-tls-ca" : "--proxy-tls-pin") exclude each other"
      )
    }
    let urls = try urls()
    if !urls.isEmpty || proxy != ["env"] {
      try refuse(
        proxyIsolate != nil, "--proxy-isolate", unless: [.socks5, .socks5h], among: urls,
        "a proxy that speaks SOCKS 5")
      try refuse(
        !proxyHeader.isEmpty, "--proxy-header", unless: [.http, .https], among: urls, "an HTTP proxy")
      let ofTLS = flags.suffix(3)
      for flag in ofTLS {
        try refuse(flag.isGiven, flag.name, unless: [.https], among: urls, "an https proxy")
      }
    }
  }

  private func refuse(
    _ isGiven: Bool, _ name: String, unless schemes: [ProxyURL.Scheme], among urls: [ProxyURL], _ what: String
  ) throws {
    guard isGiven, !urls.contains(where: { schemes.contains($0.scheme) }) else { return }
    throw ValidationError("\(name) requires \(what)")
  }

  /// The proxies, those of the environment if they are requested.
  private func urls() throws -> [ProxyURL] {
    let texts: [String]
    if proxy == ["env"] {
      let variables = ["all_proxy", "ALL_PROXY"].compactMap { ProcessEnvironment.value(of: $0) }
      texts = variables.first { !$0.isEmpty }.map { [$0] } ?? []
    } else {
      texts = proxy
    }
    return try texts.map { text in
      do { return try ProxyURL(text) } catch { throw ValidationError("--proxy: \(error)") }
    }
  }

  private var exceptions: ProxyExceptions {
    let variables =
      proxy == ["env"] ? ["no_proxy", "NO_PROXY"].compactMap { ProcessEnvironment.value(of: $0) } : []
    return ProxyExceptions(noProxy ?? variables.first { !$0.isEmpty } ?? "")
  }

  /// The proxies on the way to an endpoint; `nil` to reach it directly.
  ///
  /// - Parameter relaysDatagrams: Whether they have to relay datagrams, which only one proxy of SOCKS 5 can.
  /// - Throws: A usage error, or a failure if a file cannot be read or used.
  func chain(
    to endpoint: Endpoint, relaysDatagrams: Bool = false, _ observer: any SessionObserver
  ) throws -> ProxyChain? {
    let urls = try urls()
    guard !urls.isEmpty else { return nil }
    guard case .internet(let host, _) = endpoint else {
      throw ValidationError("--proxy does not apply to \(endpoint.kindBesidesIP ?? "\(endpoint)")")
    }
    guard !exceptions.contain(host ?? "localhost") else { return nil }
    if relaysDatagrams {
      guard urls.count == 1 else {
        throw ValidationError("datagrams go through one proxy only, not through \(urls.count)")
      }
      guard urls[0].scheme.relaysDatagrams else {
        throw ValidationError(
          "\(urls[0].endpoint) speaks \(urls[0].scheme.rawValue): only a socks5 proxy relays datagrams")
      }
    }
    return try chain(observer)
  }

  /// The proxies on the way to any endpoint; `nil` to connect directly.
  ///
  /// - Throws: The same as for one endpoint.
  func chain(_ observer: any SessionObserver) throws -> ProxyChain? {
    let urls = try urls()
    guard !urls.isEmpty else { return nil }
    let proxies = try urls.enumerated().map { index, url in
      ProxyChain.Proxy(
        url, try protection(of: url, observer),
        makeCredentials: try credentials(of: url, at: index, observer))
    }
    var chain = ProxyChain(proxies)
    chain.fields = proxyHeader
    chain.looksUpLocally = proxyDNS == .local
    chain.exceptions = exceptions
    return chain
  }

  private func protection(of url: ProxyURL, _ observer: any SessionObserver) throws -> Protection? {
    guard url.scheme == .https else { return nil }
    var settings = TLSClientSettings(name: url.host)
    settings.indication = IPAddress(url.host) == nil ? url.host : nil
    settings.common.optionPrefix = "--proxy-"
    settings.common.authorities = proxyTLSCA
    settings.common.pins = proxyTLSPin
    settings.isVerified = !proxyInsecure
    return try Protection.client(settings, of: "\(url.endpoint)", observer)
  }

  // MARK: Credentials

  private static let longestFile = 64 << 10

  private func credentials(
    of url: ProxyURL, at index: Int, _ observer: any SessionObserver
  ) throws -> @Sendable () -> ProxyCredentials? {
    let isSOCKS5 = url.scheme == .socks5 || url.scheme == .socks5h
    if let proxyIsolate, isSOCKS5, url.user == nil {
      // The form in which Tor takes a token for stream isolation.
      return {
        let token =
          proxyIsolate == "random" ? String(UInt64.random(in: 0...UInt64.max), radix: 36) : proxyIsolate
        return .user(UserCredentials(user: "<torS0X>0", password: token))
      }
    }
    guard let credentials = try fixedCredentials(of: url, at: index, observer) else { return { nil } }
    switch credentials {
    case .bearer where url.scheme != .http && url.scheme != .https:
      throw ValidationError("a token is for HTTP proxies, and \(url.endpoint) speaks SOCKS")
    case .user(let user) where isSOCKS5 && !user.fitsSOCKS:
      throw ValidationError("user and password of a SOCKS proxy have 1 to \(UserCredentials.longest) bytes")
    case .bearer, .user: break
    }
    return { credentials }
  }

  private func fixedCredentials(
    of url: ProxyURL, at index: Int, _ observer: any SessionObserver
  ) throws -> ProxyCredentials? {
    if let user = url.user {
      if let password = url.password {
        if proxy != ["env"] {
          observer.note(
            "others on this machine can see the password in --proxy; --proxy-auth-file FILE hides it")
        }
        return .user(UserCredentials(user: user, password: password))
      }
      // SOCKS 4 has no passwords.
      guard url.scheme != .socks4, url.scheme != .socks4a else {
        return .user(UserCredentials(user: user, password: ""))
      }
      guard
        let password = try judging({ () throws(IOFailure) in
          try OpenSSL.readPassword("Password of \(user) at proxy \(url.endpoint): ")
        })
      else {
        throw ValidationError("no terminal to ask for the password of \(user) (--proxy-auth-file FILE)")
      }
      return .user(UserCredentials(user: user, password: String(decoding: password, as: UTF8.self)))
    }
    let (text, source): (String, String)
    if index < proxyAuthFile.count {
      source = proxyAuthFile[index]
      let content: [UInt8]
      do throws(Errno) {
        content = try RegularFile.bytes(ofAny: source, atMost: Self.longestFile)
      } catch {
        throw Failure(.noInput, "\(IOFailure(.read(source), error))")
      }
      text = String(
        decoding: content.prefix { $0 != ASCII.lineFeed && $0 != ASCII.carriageReturn }, as: UTF8.self)
    } else if index == 0, let variable = ProcessEnvironment.value(of: "SOCKKIT_PROXY_AUTH") {
      (text, source) = (variable, "SOCKKIT_PROXY_AUTH")
    } else {
      return nil
    }
    guard let credentials = ProxyCredentials(text) else {
      throw Failure(.dataError, "\(source): expected USER:PASSWORD or 'Bearer TOKEN' in one line")
    }
    return credentials
  }
}
