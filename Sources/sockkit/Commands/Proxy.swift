// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Handshakes
import Sessions
import Sockets
import Text

/// A proxy server: it connects each client to the target that the client asks for.
struct Proxy: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "proxy",
    abstract: "Connect clients to targets of their choice, by SOCKS or HTTP.",
    usage: "sockkit proxy [<options>] ([HOST] PORT | HOST:PORT | unix:PATH)",
    discussion: """
      SOCKS 4, 4a and 5, and HTTP (CONNECT, and requests for http:// URLs) are served on one port, and told apart by \
      the first byte. Without HOST the proxy listens on the loopback addresses. When it listens on others, targets on this \
      machine and in private networks are denied unless --allow-target allows them.

      Examples:
        sockkit proxy 1080
        sockkit proxy --allow 192.0.2.0/24 --deny-target '*:25' 192.0.2.1 1080
        curl --proxy socks5h://127.0.0.1:1080 http://example.org/
      """)

  static let mostUsed = [
    "-v", "-w", "-i", "-m", "--allow", "--allow-target", "--deny-target", "--rate", "--port-file", "--trace",
  ]

  @Argument(help: .localAddress, completion: .localAddress)
  var address: [String] = []

  @OptionGroup(title: "Proxying") var serving: ProxyServingOptions
  @OptionGroup(title: "Forwarding") var options: ForwardOptions
  @OptionGroup var rare: RareOptions<RareProxyOptions>
  @OptionGroup(title: "Recording") var recording: ForwardRecordingOptions
  @OptionGroup(title: "Addressing") var addressing: ForwardAddressingOptions
  @OptionGroup(title: "Listening") var listening: ListeningOptions
  @OptionGroup(title: "Admission") var admitting: AdmissionOptions
  @OptionGroup(title: "Socket options") var socket: SocketOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  private var tls: TLSServerOptions? { rare.given?.tls }
  private var proxies: ProxyOptions? { rare.given?.proxies }
  private var headers: ForwardedHeaderOptions? { rare.given?.headers }

  /// Serves until a signal ends the program; a failure is thrown.
  func run() throws {
    let reporter = reporting.configureReporter()
    reporter.writesStatisticsAsJSON = options.json
    guard !address.isEmpty || listening.inetd else {
      throw ValidationError("no port given: expected PORT, HOST PORT or HOST:PORT")
    }
    let place = try addressing.listeningPlace(address, isInetd: listening.inetd)
    try listening.check(place, workers: options.workers, admitting: admitting, reporter)
    let chain = try proxies?.chain(reporter)
    var invocation = ForwardInvocation(
      from: place, serving: try serving.serving(isIndirect: chain != nil))
    options.apply(to: &invocation)
    invocation.listening = try listening.settings(
      addressing.resolver.on(interface: socket.interface), admitting: admitting)
    invocation.protect(clients: try tls?.protection(on: place, reporter), target: nil)
    invocation.proxies = chain
    invocation.access = admitting.lists.sources
    invocation.access.proxies = try headers?.accepted.proxies(of: place, isOnLoopback: true)
    invocation.sentHeader = headers?.sendProxyProtocol
    invocation.source = addressing.source
    invocation.settings = try socket.settings(for: .internet(host: nil, port: "0"), rare.given?.socket)
    invocation.reportsNoDelay = socket.noDelay
    invocation.grace = admitting.grace
    invocation.records = recording.paths
    try ForwardSession(invocation, reporter).run().end()
  }
}

/// What a proxy serves, and which targets it connects to.
struct ProxyServingOptions: ParsableArguments {
  @Flag(help: "Serve SOCKS only.")
  var socks = false

  @Flag(help: "Serve HTTP only.")
  var http = false

  @Flag(name: .customLong("no-udp"), help: "Relay no datagrams (UDP ASSOCIATE of SOCKS 5).")
  var noUDP = false

  @OptionGroup var users: UserOptions

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Connect only to these targets; may be repeated.",
      discussion:
        "A network, a name with its subdomains, or *, and a list of ports such as 80,443,8000-8010.",
      valueName: "target[:ports]"), completion: .network, transform: ValueArgument.targetRule)
  var allowTarget: [TargetRules.Rule] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Never connect to these targets; takes precedence and may be repeated.", valueName: "target[:ports]"),
    completion: .network, transform: ValueArgument.targetRule)
  var denyTarget: [TargetRules.Rule] = []

  /// Rejects options that exclude each other.
  func validate() throws {
    if socks, http {
      throw ValidationError("--socks and --http exclude each other; both are served without them")
    }
    if http, noUDP { throw ValidationError("--no-udp has no effect with --http, which has no datagrams") }
  }

  /// What is served, and to whom.
  ///
  /// - Parameter isIndirect: Whether targets are reached through other proxies.
  /// - Throws: The error of the file with the users.
  func serving(isIndirect: Bool) throws -> ProxyServing {
    var serving = ProxyServing()
    serving.users = try users.file.map { .file($0) }
    if socks { serving.protocols.remove(.http) }
    if http { serving.protocols = .http }
    // Other proxies would have to relay them.
    if noUDP || isIndirect { serving.protocols.remove(.datagrams) }
    serving.rules.allowed = allowTarget
    serving.rules.denied = denyTarget
    return serving
  }
}

/// The options of `proxy` that few command lines have, in one group: each type of options makes every start slower.
///
/// A class, because the code that copies a structure of this size takes much room.
final class RareProxyOptions: ParsableArguments {
  @OptionGroup(title: "Socket options") var socket: RareSocketOptions
  @OptionGroup(title: "TLS") var tls: TLSServerOptions
  @OptionGroup(title: "Proxies") var proxies: ProxyOptions
  @OptionGroup(title: "PROXY protocol") var headers: ForwardedHeaderOptions

  /// Creates the description for the parser.
  init() {}
}
