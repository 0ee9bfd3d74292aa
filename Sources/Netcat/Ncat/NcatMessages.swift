// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import SystemPackage
import TLS
import Transport

/// The messages and statuses of `ncat`.
struct NcatMessages: MessageStyle {
  /// The name that precedes messages, however the program was called.
  var program: String { "Ncat" }
  /// Whether connections are reported.
  let isVerbose: Bool
  /// Whether the clients of a proxy are reported, too.
  let isDetailed: Bool
  /// Whether it listens.
  let listens: Bool
  /// Whether a socket that listens on all addresses has clients of both families.
  let servesBothFamilies: Bool
  /// Whether a port is only checked, by a datagram if `isUDP`.
  let (isCheck, isUDP): (Bool, Bool)
  /// Whether a command uses the connection.
  let runsCommand: Bool
  /// Whether what is received is discarded.
  let isSendOnly: Bool
  /// Whether each listening socket is announced for a test.
  let announcesTest: Bool
  /// The local host and the proxy, as they were given, which failed look-ups are told apart by.
  let (source, proxy): (String?, String?)
  /// Whether it is a proxy for others.
  let servesProxy: Bool
  /// Whether connections are protected.
  let usesTLS: Bool

  /// The line of a message with which the program ends because of a usage error, or of a failure that the original
  /// takes for one.
  static func quitting(_ text: String) -> String { "Ncat: \(text) QUITTING." }

  func lines(for event: Event) -> [String]? {
    if servesProxy, let words = words(ofServing: event) {
      return isDetailed ? words.map { "Ncat: \($0)" } : []
    }
    return switch event {
    case .failed(let failure): lines(for: failure)
    case .attemptFailed(let error): verbose(attempt(error))
    case .listening(let local, _): places(listeningAt: local).flatMap(listening)
    case .accepted(let peer, _, _): verbose([connection(from: peer)])
    case .refused(let peer):
      verbose([connection(from: peer), "New connection denied: not allowed"])
    case .full(_, let limit): verbose(["New connection denied: connection limit reached (\(limit))"])
    case .datagramsDropped(let count, let peer):
      verbose([
        "\(count == 1 ? "1 datagram" : "\(count) datagrams") from \(place(peer)) dropped: not read fast enough."
      ])
    case .left: []
    // The original sends no OCSP responses.
    case .stapleDoubtful: []
    case .connected(_, let remote, _): verbose(connected(remote))
    case .proxied: []
    case .secured(let summary, let peer): verbose(secured(summary, peer))
    case .securingFailed(let failure, let peer): verbose(securingFailed(failure, peer))
    case .certificateMade(let certificate):
      verbose([
        "Generating a temporary 2048-bit RSA key. Use --ssl-key and --ssl-cert to use a permanent one.",
        fingerprint(of: certificate),
      ])
    case .checked(let state): verbose(check(state))
    case .closed(_, let sent, let received, let duration, _, let isFailed):
      listens || runsCommand || isFailed ? [] : verbose([totals(sent, isSendOnly ? 0 : received, duration)])
    case .connectionFailed(let error): verbose(["\(words(of: error))."])
    case .clientFailed(let error, let peer):
      isVerbose || !error.isOfConnection ? ["Ncat: \(peer): \(words(of: error))."] : []
    case .commandEnded: []
    // Only of interest if bytes are lost.
    case .reset(_, let unsent, _): unsent ?? 0 > 0 ? nil : []
    default: nil
    }
  }

  private func verbose(_ lines: [String]) -> [String] {
    isVerbose ? lines.map { "Ncat: \($0)" } : []
  }

  // MARK: Failures

  /// The exit status for a failure: 1 if the network is the reason, 2 otherwise.
  func status(of failure: Failure) -> CInt {
    switch failure.cause {
    case .resolution(let error): return error.name == proxy ? 1 : 2
    case .connection(.failed(let error))?:
      switch error.operation {
      case .connect, .create: return 1
      default: return 2
      }
    case .connection(.timedOut)?: return 1
    case .connection(.noAddressInFamily)?: return 2
    case .idle?: return listens ? 2 : 1
    case .operation(let error)?: return status(of: error)
    case nil: return Self.status(for: failure.status)
    }
  }

  private func status(of error: IOFailure) -> CInt {
    switch error.operation {
    case .connect, .connectThrough, .receive, .send, .sendDatagram, .sendThrough: 1
    // No socket to connect with.
    case .create: listens ? 2 : 1
    case .secure: if case .misnamed = error.reason { 2 } else { Self.status(for: ExitStatus(error)) }
    default: 2
    }
  }

  /// The exit status for one of this program's.
  static func status(for status: ExitStatus) -> CInt {
    switch status {
    case .success: 0
    case .unavailable, .broken, .timedOut, .protocolError, .noPermission: 1
    default: 2
    }
  }

  private func lines(for failure: Failure) -> [String] {
    // A check says nothing but its status.
    if isCheck, !isVerbose, status(of: failure) == 1 { return [] }
    let text = "\(words(of: failure))."
    return [status(of: failure) == 2 ? Self.quitting(text) : "Ncat: \(text)"]
  }

  /// The reason of a failure.
  func words(of failure: Failure) -> String {
    switch failure.cause {
    case .connection(.failed(let error))? where proxy != nil: "Proxy connection failed: \(error.code)"
    case .operation(let error)?, .connection(.failed(let error))?: words(of: error)
    case .connection(.timedOut)?: "TIMEOUT"
    case .idle(let limit)?: "Idle timeout expired (\(limit.milliseconds) ms)"
    case .resolution(let error)?:
      "Could not resolve \(purpose(of: error)) \"\(error.name)\": \(error.wordsOfLibrary)"
    case .connection(.noAddressInFamily)?, nil: failure.message
    }
  }

  private func purpose(of error: ResolutionError) -> String {
    switch error.name {
    case source: "source address"
    case proxy: "proxy"
    default: "hostname"
    }
  }

  /// The reason of a failed call.
  func words(of error: IOFailure) -> String {
    switch error.operation {
    case .connect where error.code == .timedOut: "TIMEOUT"
    case .connect, .receive, .send, .sendDatagram:
      if case .errno(let code) = error.reason { "\(code)" } else { "\(error)" }
    case .bind(let address):
      "bind to \(place(address)): \(error.code == .fileExists ? Errno.addressInUse : error.code)"
    case .run: "exec: \(error.code)"
    case .connectThrough: NcatProxy.words(of: error)
    case .secure: words(ofSecuring: error)
    case .set("--tls-ciphers"): "Unable to set OpenSSL cipher list: \(error.explanation)"
    case .write: "write: \(error.code)"
    case .read: "\(Self.withoutOptions("\(error)"))"
    default: "\(error)"
    }
  }

  // MARK: TLS

  private func words(ofSecuring error: IOFailure) -> String {
    switch error.reason {
    case .errno(.timedOut): "TIMEOUT"
    case .misnamed: "Certificate verification error"
    case .untrusted(let text): "Certificate verification failed (\(Self.withoutOptions(text)))"
    default: "SSL: \(error.explanation)"
    }
  }

  /// A reason without the options of this program's own, which follow in parentheses.
  private static func withoutOptions(_ text: String) -> Substring {
    var rest = text[...]
    while !rest.isEmpty, !rest.hasPrefix(" (--") { rest.removeFirst() }
    return text.prefix(text.count - rest.count)
  }

  private func secured(_ summary: TLSSummary, _ peer: Address) -> [String] {
    guard !listens else { return [] }
    var lines = summary.isVerified ? [] : ["Certificate not verified (--ssl-verify)."]
    lines.append("SSL connection to \(place(peer)).")
    if let certificate = summary.peer {
      lines.insert("Subject: \(certificate.subject)", at: 0)
      lines.insert("Issuer: \(certificate.issuer)", at: 1)
      lines.append(fingerprint(of: certificate))
    }
    return lines
  }

  private func securingFailed(_ failure: TLSFailure, _ peer: Address) -> [String] {
    guard !listens else {
      guard failure.stage == .handshake else { return [] }
      return ["Failed SSL connection from \(peer.host): \(Self.withoutOptions(failure.error.explanation))"]
    }
    guard case .misnamed(let text) = failure.error.reason else { return [] }
    return ["Certificate verification failed (\(Self.withoutOptions(text)))."]
  }

  /// Ten groups of four digits.
  private func fingerprint(of certificate: CertificateSummary) -> String {
    var (groups, digits): ([Substring], Substring) = ([], certificate.sha1.uppercased()[...])
    while !digits.isEmpty {
      groups.append(digits.prefix(4))
      digits = digits.dropFirst(4)
    }
    return "SHA-1 fingerprint: \(groups.joined(separator: " "))"
  }

  // MARK: Connections

  private func connected(_ remote: Address) -> [String] {
    if isCheck || usesTLS { return [] }
    return ["Connected to \(proxy == nil ? "" : "proxy ")\(place(remote))."]
  }

  private func attempt(_ error: IOFailure) -> [String] {
    guard case .connect(let address) = error.operation else { return ["\(words(of: error))."] }
    return ["Connection to \(address.host) failed: \(words(of: error)).", "Trying next address..."]
  }

  /// What is said of a new client.
  func connection(from peer: Address) -> String {
    guard peer.family != .unix else { return "Connection from a client on Unix domain socket." }
    return "Connection from \(place(peer))."
  }

  private func check(_ state: PortState) -> [String] {
    guard state.failure == nil else { return [] }
    guard state.verdict == .open else {
      let reason = state.handshakeFailure.map { words(of: $0) } ?? state.cause ?? "Connection refused"
      return ["\(state.verdict == .timeout ? "TIMEOUT" : reason)."]
    }
    // Only a proxy knows the address of what is behind it.
    return (state.address.map { usesTLS ? [] : ["Connected to \(place($0))."] } ?? [])
      + (isUDP ? ["UDP packet sent successfully"] : []) + [totals(isUDP ? 1 : 0, 0, state.duration)]
  }

  /// What is said of the end of a connection.
  func totals(_ sent: Int, _ received: Int, _ duration: Duration) -> String {
    let hundredths = (duration.milliseconds + 5) / 10
    let (seconds, rest) = (hundredths / 100, hundredths % 100)
    return
      "\(sent) bytes sent, \(received) bytes received in \(seconds).\(rest < 10 ? "0" : "")\(rest) seconds."
  }

  /// The original has a socket for each family, where one serves both here.
  private func places(listeningAt local: Address) -> [String] {
    guard case .internet(let ip, let port) = local, ip == .anyIPv6, servesBothFamilies else {
      return [place(local)]
    }
    return [place(local), place(.internet(.anyIPv4, port: port))]
  }

  private func listening(on place: String) -> [String] {
    verbose(["Listening on \(place)"]) + (announcesTest ? ["NCAT TEST: LISTEN"] : [])
  }

  /// An address as host and port without brackets, or a path.
  func place(_ address: Address) -> String {
    switch address {
    case .internet(let ip, let port): "\(ip.unmapped):\(port)"
    case .unix(let path): path
    case .abstract(let name): "@\(name)"
    case .unnamed: "\(address)"
    case .vsock(let address): "\(address.machine.number):\(address.port)"
    }
  }
}

extension Duration {
  /// The number of whole milliseconds.
  fileprivate var milliseconds: Int64 {
    components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
  }
}
