// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Handshakes
import Sessions
import Sockets
import Transport

extension ProxyHeader.Version: ExpressibleByArgument {}

/// Which peers of a server name their client by the header of the PROXY protocol.
struct AcceptedHeaderOptions: ParsableArguments {
  @Flag(help: "Require the header of the PROXY protocol, and take the client that it names for the peer.")
  var acceptProxyProtocol = false

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "The proxies that send the header; may be repeated.",
      discussion:
        "Others are plain clients. It may be omitted only when listening on a loopback address or a Unix socket.",
      valueName: "net"), completion: .network, transform: ValueArgument.network)
  var proxyProtocolFrom: [Network] = []

  /// Rejects options that have no effect.
  func validate() throws {
    if !acceptProxyProtocol, !proxyProtocolFrom.isEmpty {
      throw ValidationError("--proxy-protocol-from has no effect without --accept-proxy-protocol")
    }
  }

  /// The options, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [
      (acceptProxyProtocol, "--accept-proxy-protocol"),
      (!proxyProtocolFrom.isEmpty, "--proxy-protocol-from"),
    ]
  }

  /// The peers of a server that have to send a header; `nil` for none.
  ///
  /// - Throws: A usage error if anyone could name any client.
  func proxies(of endpoint: Endpoint, isOnLoopback: Bool = false) throws -> NetworkSet? {
    guard acceptProxyProtocol else { return nil }
    guard proxyProtocolFrom.isEmpty else { return NetworkSet(proxyProtocolFrom) }
    let isLocal =
      switch endpoint {
      case .internet(nil, _): isOnLoopback
      case .internet(let host?, _): host == "localhost" || IPAddress(host)?.isLoopback == true
      case .unix: true
      case .vsock:
        throw ValidationError(
          "--accept-proxy-protocol does not apply to a vsock socket: its peers have no addresses to be trusted by"
        )
      // Only the process that has opened it knows where it listens.
      case .inherited: false
      }
    guard isLocal else {
      throw ValidationError(
        "--accept-proxy-protocol requires --proxy-protocol-from NET, unless the address to listen on is a loopback one"
      )
    }
    return NetworkSet(["0.0.0.0/0", "::/0"].compactMap { Network($0) })
  }
}

/// The header of the PROXY protocol that `connect` sends.
struct SentHeaderOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Begin with the header of the PROXY protocol, of this version.", valueName: "1|2"),
    completion: .list(["1", "2"]))
  var proxyProtocol: ProxyHeader.Version?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The client to name in it (default: the local address of the connection).", valueName: "addr:port"),
    completion: .numericAddress, transform: ValueArgument.socketAddress)
  var proxySource: Address?

  /// Rejects options that have no effect.
  func validate() throws {
    if proxyProtocol == nil, proxySource != nil {
      throw ValidationError("--proxy-source has no effect without --proxy-protocol")
    }
  }

  /// The options, and whether each of them is given.
  var flags: [(isGiven: Bool, name: String)] {
    [(proxyProtocol != nil, "--proxy-protocol"), (proxySource != nil, "--proxy-source")]
  }

  /// What sends the header; `nil` for none.
  ///
  /// - Parameter isProxied: Whether the peer is a proxy.
  func layer(isProxied: Bool) -> StreamLayer? {
    proxyProtocol.map { ProxyHeader.layer($0, from: proxySource, isProxied: isProxied) }
  }
}

/// The headers of the PROXY protocol that a forwarder reads and sends.
struct ForwardedHeaderOptions: ParsableArguments {
  @OptionGroup var accepted: AcceptedHeaderOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tell the target who the client is, by the header of the PROXY protocol.", valueName: "1|2"),
    completion: .list(["1", "2"]))
  var sendProxyProtocol: ProxyHeader.Version?
}
