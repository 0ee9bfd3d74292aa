// SPDX-License-Identifier: GPL-3.0-or-later

import Engine
import Sessions
import Sockets
import SystemPackage

/// The messages of OpenBSD's `nc`, which reports connections and their failures only with `-v`.
struct NetcatMessages: MessageStyle {
  /// The program's name.
  let program: String
  /// Whether connections are reported.
  let isVerbose: Bool
  /// Whether names and services are not looked up.
  let isNumeric: Bool
  /// Whether datagrams are exchanged.
  let isUDP: Bool
  /// The host and the first port, as they were given; `nil` for none.
  let (host, port): (String?, UInt16?)
  /// The proxy that connects to the host; `nil` for none.
  let proxy: (host: String, port: UInt16)?

  func lines(for event: Event) -> [String]? {
    switch event {
    case .failed(let failure): lines(for: failure)
    case .attemptFailed(let error): lines(for: error)
    case .checked(let state): lines(for: state)
    case .listening(let local, _): isVerbose ? lines(listeningOn: local) : []
    case .accepted(let peer, let local, _):
      isVerbose ? ["Connection received on \(place(peer == .unnamed ? local : peer))"] : []
    case .connected(_, let remote, _):
      isVerbose && proxy == nil && remote.family != .unix
        ? [success(at: remote.host, remote.port ?? 0)] : []
    case .proxied(.internet(_, let port), _):
      isVerbose ? [success(at: host ?? "", UInt16(port) ?? 0)] : []
    default: nil
    }
  }

  // MARK: Failures

  private func lines(for failure: Failure) -> [String]? {
    switch failure.cause {
    // Without a host there is a listening socket, of which the original does not say what failed.
    case .connection(.failed(let error))? where host != nil && error.isOfBinding:
      ["\(program): bind failed: \(error.code)"]
    case .operation(let error)?, .connection(.failed(let error))?: lines(for: error)
    case .connection(.timedOut(let address))?: lines(for: IOFailure(.connect(address), .timedOut))
    case .resolution(let error)?:
      ["\(program): getaddrinfo\(purpose(of: error.name)): \(error.wordsOfLibrary)"]
    case .connection(.noAddressInFamily)?, .idle?, nil: nil
    }
  }

  private func lines(for error: IOFailure) -> [String]? {
    switch error.operation {
    case .connect(let address) where address.family == .unix:
      ["\(program): \(path(of: address)): \(error.code)"]
    case .connect(let address):
      isVerbose ? [failure(at: address.host, address.port ?? 0, error.explanation)] : []
    case .read(Self.passphrase): ["\(program): Unable to read \(Self.passphrase)"]
    case .connectThrough: error.answer.map { ["\(program): \(words(of: $0))"] }
    case .bind(let address) where address.family == .unix:
      ["\(program): \(path(of: address)): \(error.explanation)"]
    case .bind: ["\(program): \(error.code)"]
    default: nil
    }
  }

  /// What is asked for on the terminal if the proxy requires it.
  static let passphrase = "proxy passphrase"

  private func words(of answer: IOFailure.ProxyAnswer) -> String {
    switch answer {
    case .socks4(let code):
      "connection failed, SOCKSv4 error: \(Self.socks4Errors[code] ?? "\(code)")"
    case .socks5(let code): "connection failed, SOCKSv5 error: \(Self.socksErrors[code] ?? "Unknown")"
    case .authentication(isNegotiated: false): "authentication method negotiation failed"
    case .authentication(isNegotiated: true): "authentication failed"
    case .http(_, let line): "Proxy error: \"HTTP/1.0 \(line)\""
    }
  }

  /// The words of the original for the codes of SOCKS 4.
  private static let socks4Errors: [UInt8: String] = [
    91: "Request rejected or failed", 92: "SOCKS server cannot connect to identd on the client",
    93: "Client and identd report different user-ids",
  ]

  /// Those for the codes of SOCKS 5.
  private static let socksErrors: [UInt8: String] = [
    1: "General SOCKS server failure", 2: "Connection not allowed by ruleset", 3: "Network unreachable",
    4: "Host unreachable", 5: "Connection refused", 6: "TTL expired", 7: "Command not supported",
    8: "Address type not supported",
  ]

  /// What a look-up is for; the original does not say it of a listening socket.
  private func purpose(of name: String) -> String {
    guard let port else { return "" }
    return " for host \"\(name)\" port \(proxy.map { name == $0.host ? $0.port : port } ?? port)"
  }

  // MARK: Ports

  private func lines(for state: PortState) -> [String] {
    let address = state.address.map(\.host) ?? state.host
    if state.address?.family == .unix {
      return state.reason.map { ["\(program): \(state.host): \($0)"] } ?? []
    }
    if let answer = state.handshakeFailure?.answer { return ["\(program): \(words(of: answer))"] }
    guard isVerbose, state.failure == nil else { return [] }
    guard state.verdict != .open else { return [success(at: address, state.port)] }
    return [failure(at: address, state.port, state.cause ?? "Connection timed out")]
  }

  private func success(at address: String, _ port: UInt16) -> String {
    "Connection to \(named(address)) \(port) port [\(transport)/\(service(port))] succeeded!"
  }

  private func failure(at address: String, _ port: UInt16, _ reason: String) -> String {
    "\(program): connect to \(proxy == nil ? named(address) : address) port \(port) (\(transport)) failed: \(reason)"
  }

  private var transport: String { isUDP ? "udp" : "tcp" }

  /// The host as it was given, with the address behind a name.
  private func named(_ address: String) -> String {
    guard let host, host != address else { return address }
    // A literal address may be written in several ways.
    return IPAddress(host) == nil ? "\(host) (\(address))" : host
  }

  private func service(_ port: UInt16) -> String {
    guard !isNumeric else { return "*" }
    return ServiceDatabase.service(onPort: port, protocol: transport)?.name ?? "*"
  }

  // MARK: Places

  private func path(of address: Address) -> String {
    switch address {
    case .unix(let path): path
    case .abstract(let name): "@\(name)"
    case .internet, .unnamed, .vsock: "\(address)"
    }
  }

  private func lines(listeningOn local: Address) -> [String] {
    let place = place(local)
    guard local.family == .unix else { return ["\(isUDP ? "Bound" : "Listening") on \(place)"] }
    return ["Bound on \(place)"] + (isUDP ? [] : ["Listening on \(place)"])
  }

  /// An address as host and port, by name unless look-ups are off.
  ///
  /// The name is for people only: an address without one is shown as it is.
  private func place(_ address: Address) -> String {
    guard case .internet(let ip, let port) = address else { return path(of: address) }
    let plain = ip.unmapped
    let name = isNumeric || plain.isAny ? nil : ReverseLookup.name(of: plain)
    return "\(name ?? "\(plain)") \(port)"
  }
}

extension IOFailure {
  /// Whether a local address could not be taken.
  fileprivate var isOfBinding: Bool {
    if case .bind(let address) = operation { address.family != .unix } else { false }
  }
}
