// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Sessions
import Sockets
import Transport

/// Accepts connections and passes each on to a target.
struct Forward: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "forward",
    abstract: "Accept connections, and connect each to a target.",
    usage: "sockkit forward [<options>] LISTEN TARGET",
    discussion: """
      What one side sends the other receives; an end is passed on as an end, and a reset as a reset. A client that the \
      target does not answer is reset. Socket options are set on both sides, except --fast-open, which is for clients.

      Examples:
        sockkit forward 8080 example.org:80
        sockkit forward -v 127.0.0.1:5432 unix:/run/postgresql/.s.PGSQL.5432
        sockkit forward --allow 192.0.2.0/24 --rate 1M --stats 7000 unix:/run/app.sock
      """)

  static let mostUsed = [
    "-v", "-w", "-i", "-m", "--allow", "--rate", "-x", "--stats", "--port-file", "--tls", "--trace",
  ]

  @Argument(
    help: ArgumentHelp(
      "PORT, HOST PORT, HOST:PORT, :PORT, unix:PATH, vsock:CID:PORT, systemd[:NAME] or fd:N; port 0 lets the kernel choose."
    ),
    completion: .localAddress)
  var listen: String?

  @Argument(
    help: ArgumentHelp(
      "HOST PORT, HOST:PORT, [IPV6]:PORT, unix:PATH or vsock:CID:PORT; a name is looked up for each client."),
    completion: .target)
  var target: String?

  @Argument(help: .hidden, completion: .service)
  var more: [String] = []

  @OptionGroup(title: "Forwarding") var options: ForwardOptions
  @OptionGroup var rare: RareOptions<RareForwardOptions>
  @OptionGroup(title: "Recording") var recording: ForwardRecordingOptions
  @OptionGroup(title: "Addressing") var addressing: ForwardAddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Admission") var admitting: AdmissionOptions
  @OptionGroup(title: "Socket options") var socket: SocketOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  private var tls: TLSForwardOptions? { rare.given?.tls }
  private var proxies: ProxyOptions? { rare.given?.proxies }
  private var headers: ForwardedHeaderOptions? { rare.given?.headers }

  /// Forwards until a signal ends the program; a failure is thrown.
  func run() throws {
    let reporter = reporting.configureReporter()
    reporter.writesStatisticsAsJSON = options.json
    let (place, target) = try addressing.endpoints(
      [listen, target].compactMap { $0 } + more, isInetd: listening.inetd)
    try listening.check(place, workers: options.workers, admitting: admitting, reporter)
    var invocation = ForwardInvocation(from: place, to: target)
    options.apply(to: &invocation)
    invocation.listening = try listening.settings(
      addressing.resolver.on(interface: socket.interface), admitting: admitting)
    invocation.protect(
      clients: try tls?.clientProtection(on: place, reporter),
      target: try tls?.targetProtection(of: target, reporter))
    invocation.proxies = try proxies?.chain(to: target, reporter)
    invocation.access = admitting.lists.sources
    invocation.access.proxies = try headers?.accepted.proxies(of: place)
    invocation.sentHeader = headers?.sendProxyProtocol
    invocation.source = addressing.source
    // A Unix socket or one of vsock ignores the options that do not apply to it.
    let isOfIP = place.kindBesidesIP == nil
    if socket.sctp, let kind = place.kindBesidesIP {
      throw ValidationError("--sctp does not apply to \(kind) (for the target, use '--sctp-target')")
    }
    let sctpTarget = rare.given?.target.sctpTarget == true
    if sctpTarget, let kind = target.kindBesidesIP {
      throw ValidationError("--sctp-target does not apply to \(kind)")
    }
    if sctpTarget, invocation.proxies != nil {
      throw ValidationError("--proxy and --sctp-target exclude each other")
    }
    if socket.sctp { try admitting.checkSCTP() }
    invocation.settings = try socket.settings(
      for: isOfIP ? place : target, rare.given?.socket, alsoOfSCTP: sctpTarget)
    invocation.usesSCTPToTarget = sctpTarget
    invocation.reportsNoDelay = socket.noDelay
    invocation.grace = admitting.grace
    invocation.records = recording.paths
    try ForwardSession(invocation, reporter).run().end()
  }
}

/// The options of `forward` that few command lines have, in one group: each type of options makes every start slower.
///
/// A class, because the code that copies a structure of this size takes much room.
final class RareForwardOptions: ParsableArguments {
  @OptionGroup(title: "Socket options") var socket: RareSocketOptions
  @OptionGroup(title: "Socket options") var target: SCTPTargetOptions
  @OptionGroup(title: "TLS") var tls: TLSForwardOptions
  @OptionGroup(title: "Proxies") var proxies: ProxyOptions
  @OptionGroup(title: "PROXY protocol") var headers: ForwardedHeaderOptions

  /// Creates the description for the parser.
  init() {}
}
