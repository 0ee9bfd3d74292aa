// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import Sessions
import Sockets
import SystemPackage

/// Sends messages as datagrams, and waits for replies on request.
struct UDPSend: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "udp-send",
    abstract: "Send each message, or each line of standard input, as a datagram.",
    usage: "sockkit udp-send [<options>] (HOST PORT | HOST:PORT | [IPV6]:PORT | unix:PATH) [MESSAGE ...]",
    discussion: """
      Examples:
        sockkit udp-send statsd.example.org 8125 'deploys:1|c'
        tail -f app.log | sockkit udp-send 127.0.0.1 5140
        sockkit udp-send --expect 1 -W 2s 127.0.0.1:5000 ping
      """)

  static let mostUsed = [
    "-W", "--expect", "-c", "--interval", "--whole", "--escapes", "--broadcast", "-p", "-v", "--trace",
  ]

  @Argument(
    help: ArgumentHelp(
      "HOST PORT, HOST:PORT, [IPV6]:PORT or unix:PATH, and the messages.", valueName: "address"),
    completion: .remoteAddress)
  var words: [String] = []

  @OptionGroup(title: "Messages") var messages: MessageOptions
  @OptionGroup(title: "Replies") var replies: ReplyOptions
  @OptionGroup(title: "Output of replies") var output: DatagramFormatOptions
  @OptionGroup(title: "TLS") var tls: RareOptions<DTLSSendingOptions>
  @OptionGroup(title: "Proxies") var proxies: RareOptions<DatagramProxyOptions>
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Timing") var retrying: RetryOptions
  @OptionGroup(title: "Socket options") var socket: DatagramSendingOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Rejects what a session with one receiver excludes, and what a proxy does not pass on.
  func validate() throws {
    if proxies.given?.common.proxy.isEmpty == false, let flag = socket.flags.first(where: \.isGiven) {
      throw ValidationError("--proxy and \(flag.name) exclude each other")
    }
    guard tls.given?.common.tls == true else { return }
    if socket.broadcast { throw ValidationError("--tls and --broadcast exclude each other") }
    if replies.anySource { throw ValidationError("--tls and --any-source exclude each other") }
  }

  /// Sends all messages; a failure is thrown.
  func run() throws {
    let reporter = reporting.configureReporter()
    let addressWords = words.prefix(addressing.addressWordCount(in: words))
    let endpoint = try addressing.remoteEndpoint(Array(addressWords))
    try AddressingOptions.checkDatagrams(endpoint)
    let source = try messages.source(Array(words.dropFirst(addressWords.count)))
    var invocation = DatagramSendInvocation(source, to: endpoint)
    invocation.settings = try socket.settings(for: endpoint)
    invocation.replies = try replies.rules(output: output, for: endpoint)
    guard !endpoint.isPortZero else { throw ValidationError("cannot send to port 0") }
    invocation.resolver = addressing.resolver.on(interface: socket.multicastInterface)
    invocation.source = try addressing.localSource()
    if let proxies = proxies.given {
      invocation.proxies = try proxies.common.chain(to: endpoint, relaysDatagrams: true, reporter)
      invocation.proxyLimit = proxies.limit
    }
    invocation.protection = try tls.given?.protection(of: endpoint, reporter)
    invocation.repetitions = messages.count ?? 1
    invocation.schedule = messages.schedule
    invocation.retry = retrying.duration
    try DatagramSendSession(invocation, reporter).run().end()
  }
}
