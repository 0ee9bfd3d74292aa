// SPDX-License-Identifier: GPL-3.0-or-later

import Handshakes

extension NcatOptions {
  /// Why options cannot be combined, in the words of the original; `nil` if they can.
  var conflict: String? {
    let all =
      [(runsScript, "Lua scripts (--lua-exec) are not supported.")] + checkConflicts
      + localConflicts + protocolConflicts + proxyConflicts + tlsConflicts
    return (all + (listens ? listenConflicts : connectConflicts)).first(where: \.0)?.1
  }

  private typealias Conflict = (Bool, String)

  private var checkConflicts: [Conflict] {
    guard isCheck else { return [] }
    return [
      (listens, "Services designed for LISTENING can't be used with -z"),
      (speaksTelnet, "Invalid option combination: -z and -t."),
      (!commands.isEmpty, "Command execution can't be done along with option -z."),
    ]
  }

  /// Those with sockets of other families than IP.
  private var localConflicts: [Conflict] {
    guard isUnix || isVsock else { return [] }
    let sockets = isUnix ? "Unix domain sockets" : "vsock sockets"
    return [
      (proxy != nil || proxyType != nil, "Proxy option not supported when using \(sockets)."),
      (usesTLS, "SSL option not supported when using \(sockets)."),
      (isBroker, "Connection brokering not supported when using \(sockets)."),
      (isUnix && sourcePort != nil, "Specifying source port when using \(sockets) doesn't make sense."),
      (isVsock && isUDP, "UDP mode not supported when using \(sockets)."),
      (isVsock && family != nil, "Invalid option combination: --vsock and -4 or -6."),
      (isSCTP, "SCTP option not supported when using \(sockets)."),
    ]
  }

  private var protocolConflicts: [Conflict] {
    let isTooLarge = sourcePort.map { isVsock ? UInt32($0) == nil : UInt16($0) == nil } ?? false
    return [
      (isSCTP && isUDP, "Invalid option combination: --sctp and -u."),
      (isSCTP && proxy != nil, "Proxy option not supported when using SCTP."),
      (isTooLarge, "Invalid source port \(sourcePort ?? "")."),
    ]
  }

  private var proxyConflicts: [Conflict] {
    let isKnown = proxyType.map { NcatProxy.scheme(of: $0) != nil } ?? true
    return [
      (
        proxyType != nil && proxy == nil && !listens,
        "Proxy type (--proxy-type) specified without proxy address (--proxy)."
      ),
      (!isKnown, "Invalid proxy type \"\(proxyType ?? "")\"."),
      (
        proxyType != nil && speaksTelnet,
        "Invalid option combination: --telnet has no effect with --proxy-type."
      ),
      (proxy != nil && isUDP, "Proxy option not supported when using UDP."),
    ]
  }

  private var tlsConflicts: [Conflict] {
    [
      (
        (certificate == nil) != (key == nil),
        "The --ssl-key and --ssl-cert options must be used together."
      ),
      (usesTLS && isUDP && listens, "DTLS is not supported in listen mode"),
      (usesTLS && isUDP, "DTLS is not supported here: sockkit udp-send --tls is a client."),
    ]
  }

  private var listenConflicts: [Conflict] {
    let isHTTP = proxyType.map { NcatProxy.scheme(of: $0) == .http } ?? true
    return [
      (
        source != nil,
        "-l and -s are incompatible.  Specify the address and port to bind to like you would a host to connect to."
      ),
      (proxy != nil, "Invalid option combination: --proxy and -l."),
      (isBroker && !commands.isEmpty, "Invalid option combination: --broker and -e."),
      (
        !isHTTP,
        "Invalid proxy type \"\(proxyType ?? "")\"; Ncat proxy server only supports \"http\"."
      ),
      (servesProxy && !commands.isEmpty, "Invalid option combination: --proxy-type and -e."),
      (servesProxy && isBroker, "Invalid option combination: --proxy-type and --broker."),
      (servesProxy && isSCTP, "Invalid option combination: --proxy-type and --sctp."),
      (servesProxy && isUDP, "UDP mode does not support the HTTP proxy server."),
    ]
  }

  private var areAccessLists: Bool {
    [allowed, denied, allowedFiles, deniedFiles].contains { !$0.isEmpty }
  }

  private var connectConflicts: [Conflict] {
    [
      (areAccessLists, "Invalid option combination: allow/deny with connect."),
      (maximumConnections != nil, "Invalid option combination: `--max-conns' with connect."),
      (isChat, "Invalid option combination: `--chat' with connect."),
      (isBroker, "Invalid option combination: `--broker' with connect."),
      (
        keepsOpen && (isUDP || isUnix || isVsock || isSCTP),
        "Invalid option combination: `--keep-open' with connect, except over TCP."
      ),
    ]
  }

  /// What is reported of options that have no effect.
  var warnings: [String] {
    guard listens, maximumConnections != nil, !keepsOpen, !isBroker else { return [] }
    return [
      "Warning: Maximum connections ignored, since it does not take effect without -k or --broker."
    ]
  }
}
