// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import Engine
import Glibc
import Sockets
import SystemPackage

/// Sends messages as datagrams, and waits for replies if that is asked for.
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
  @OptionGroup(title: "Timing") var retrying: RetryOptions
  @OptionGroup(title: "Socket options") var socket: DatagramSendingOptions
  @OptionGroup(title: "Reporting") var reporting: ReportingOptions

  /// Sends everything; what goes wrong is thrown.
  func run() throws {
    do {
      try send()
    } catch let error as SystemError {
      // How the kernel refuses a broadcast, which IPv6 does not have.
      guard case .sendDatagram(let address) = error.operation, address.family == .ipv4,
        error.code == .permissionDenied
      else { throw error }
      throw Failure(.noPermission, "\(error) (a broadcast address needs --broadcast)")
    }
  }

  private func send() throws {
    let reporter = reporting.configureReporter()
    let addressWords = words.prefix(addressing.addressWordCount(in: words))
    let endpoint = try addressing.remoteEndpoint(Array(addressWords))
    let source = try messages.source(Array(words.dropFirst(addressWords.count)))
    let settings = try socket.settings(for: endpoint)
    let replies = try replies.rules(output: output, for: endpoint)
    let resolver = addressing.resolver.on(interface: socket.multicastInterface)
    let local = try addressing.localSource(protocol: "udp", by: resolver, until: .never)
    var backoff = RetryBackoff(for: retrying.duration, until: .never)
    let limit = retrying.duration == nil ? Deadline.never : backoff.end
    var isWarned = false
    while true {
      do {
        let addresses = try addresses(of: endpoint, by: resolver, from: local.address, until: limit)
        return try send(source, to: addresses, from: local, settings, replies, reporter)
      } catch let error as ResolutionError {
        guard error.isTransient, let next = backoff.next() else { throw Failure(error) }
        if !isWarned { reporter.report(.lookupRepeated(error)) }
        isWarned = true
        next.sleep()
      } catch let error as SystemError {
        guard error.isTransientRefusal, let next = backoff.next() else { throw error }
        reporter.report(.attemptFailed(error))
        next.sleep()
      }
    }
  }

  /// Sends everything once.
  ///
  /// - Throws: A `SystemError` for what can be tried again: messages that were read from standard input cannot.
  private func send(
    _ source: MessageSource, to addresses: [Address], from local: (address: IPAddress?, port: UInt16),
    _ settings: DatagramSettings, _ replies: DatagramReplies?, _ reporter: Reporter
  ) throws {
    let start = Deadline.now
    let wantsReplies = replies != nil
    var sender = try DatagramSender(
      to: addresses,
      opening: { (address) throws(SystemError) in
        reporter.report(.sending(to: address))
        return try DatagramSocket.sending(
          to: address, from: Self.source(local, for: address), wantsReplies: wantsReplies,
          settings: settings)
      },
      report: { reporter.report(sending: $0) },
      messages: source, repetitions: messages.count ?? 1, schedule: messages.schedule, replies: replies)
    let refusal: SystemError?
    do {
      refusal = try sender.run()
    } catch let error as SystemError {
      if case .input = source, error.isTransientRefusal { throw Failure(error) }
      throw error
    }
    reporter.report(
      .exchanged(
        sent: sender.sent, received: sender.replies?.received ?? DatagramTally(),
        duration: start.duration(until: .now)))
    try replies?.close()
    if let refusal { Glibc.exit(ExitStatus(refusal).rawValue) }
  }

  private func addresses(
    of endpoint: Endpoint, by resolver: Resolver, from source: IPAddress?, until deadline: Deadline
  ) throws -> [Address] {
    let (host, port): (String?, String)
    switch endpoint {
    case .unix(let path): return [Address(unixPath: path)]
    case .internet(let name, let service): (host, port) = (name, service)
    }
    let number = try Resolver.port(port, protocol: "udp")
    guard !endpoint.isPortZero else { throw ValidationError("cannot send to port 0") }
    let all = try resolver.addresses(ofHost: host ?? "localhost", port: number, deadline: deadline)
    guard let source else { return all }
    let usable = all.filter { $0.family == source.family }
    guard !usable.isEmpty else { throw Failure(ConnectionError.noAddressInFamily(of: source, all[0])) }
    return usable
  }

  private static func source(_ local: (address: IPAddress?, port: UInt16), for remote: Address) -> Address? {
    guard local.address != nil || local.port != 0 else { return nil }
    let any: IPAddress = remote.family == .ipv6 ? .anyIPv6 : .anyIPv4
    return .internet(local.address ?? any, port: local.port)
  }
}
