// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Sockets
import SockkitCore
import SystemPackage

/// Sends messages as datagrams, and stays for replies if it is told to.
struct UDPSend: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "udp-send",
    abstract: "Send each message, or each line of standard input, as one datagram.",
    usage: "sockkit udp-send [<options>] (HOST PORT | HOST:PORT | [IPV6]:PORT | unix:PATH) [MESSAGE ...]",
    discussion: """
      Examples:
        sockkit udp-send statsd.example.org 8125 'deploys:1|c'
        tail -f app.log | sockkit udp-send 127.0.0.1 5140
        sockkit udp-send --expect 1 -W 2s 127.0.0.1:5000 ping
      """)

  @Argument(
    help: ArgumentHelp(
      "HOST PORT, HOST:PORT, [IPV6]:PORT or unix:PATH, and the messages.", valueName: "address"),
    completion: .remoteAddress)
  var words: [String] = []

  @OptionGroup(title: "Messages") var messages: MessageOptions
  @OptionGroup(title: "Replies") var replies: ReplyOptions
  @OptionGroup(title: "Output of replies") var output: DatagramFormatOptions
  @OptionGroup(title: "Addressing") var addressing: AddressingOptions
  @OptionGroup(title: "Socket options") var socket: DatagramSendingOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Sends everything; what goes wrong is thrown.
  func run() throws {
    do {
      try send()
    } catch let error as SystemError {
      // How the kernel refuses a broadcast, though not only that.
      guard case .sendDatagram(.internet) = error.operation, error.code == .permissionDenied else {
        throw error
      }
      throw Failure(.noPermission, "\(error) (a broadcast address needs --broadcast)")
    }
  }

  private func send() throws {
    let start = Deadline.now
    let reporter = reporting.configureReporter()
    let addressWords = words.prefix(addressing.addressWordCount(in: words))
    let endpoint = try addressing.remoteEndpoint(Array(addressWords))
    let source = try messages.source(Array(words.dropFirst(addressWords.count)))
    let settings = try socket.settings(for: endpoint)
    let replies = try replies.rules(output: output)
    let local = try addressing.localSource(protocol: "udp", until: .never)
    let wantsReplies = replies != nil

    var sender = try DatagramSender(
      to: try addresses(of: endpoint, from: local.address),
      opening: { (address) throws(SystemError) in
        reporter.report(.sending(to: address))
        return try DatagramSocket.sending(
          to: address, from: Self.source(local, for: address), wantsReplies: wantsReplies,
          settings: settings)
      },
      attemptFailed: { reporter.report(.attemptFailed($0)) },
      messages: source, repetitions: messages.count ?? 1, pace: messages.pace, replies: replies)
    try sender.run()
    reporter.report(
      .exchanged(
        sent: sender.sent, received: sender.replies?.received ?? DatagramTally(),
        duration: start.duration(until: .now)))
    try replies?.close()
  }

  private func addresses(of endpoint: Endpoint, from source: IPAddress?) throws -> [Address] {
    do {
      let (host, port): (String?, String)
      switch endpoint {
      case .unix(let path): return [Address(unixPath: path)]
      case .internet(let name, let service): (host, port) = (name, service)
      }
      let number = try Resolver.port(port, protocol: "udp")
      guard number != 0 else { throw ValidationError("port 0 is none that could be sent to") }
      let all = try addressing.resolver.addresses(ofHost: host ?? "localhost", port: number)
      let usable = all.filter { source == nil || $0.family == source?.family }
      guard !usable.isEmpty else {
        throw Failure(
          .unknownName, "send to \(endpoint): no address of the family of -s \(source.map { "\($0)" } ?? "")")
      }
      return usable
    } catch let error as ResolutionError {
      throw Failure(error)
    }
  }

  private static func source(_ local: (address: IPAddress?, port: UInt16), for remote: Address) -> Address? {
    guard local.address != nil || local.port != 0 else { return nil }
    let any: IPAddress = remote.family == .ipv6 ? .anyIPv6 : .anyIPv4
    return .internet(local.address ?? any, port: local.port)
  }
}
