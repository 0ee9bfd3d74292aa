// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Text
import Transport

/// Accepts the clients of a hub, and opens the files that each of them needs: one to write, or a reply to send.
struct HubAcceptor: ~Copyable {
  private let settings: HubSettings
  private let filters: TrafficFilters
  private let report: (HubEvent) -> Void
  private let acceptor: StreamAcceptor
  /// The number of clients accepted so far.
  private(set) var arrivals = 0
  /// The reason why the last client was reset instead of served, if it was.
  private(set) var refusal: IOFailure?

  /// - Parameter report: Called with the events of clients.
  init(
    _ settings: HubSettings, _ filters: TrafficFilters, _ policy: AccessPolicy, on listeners: ListenerGroup,
    in reactor: Reactor, report: @escaping (HubEvent) -> Void
  ) {
    self.settings = settings
    self.filters = filters
    self.report = report
    let limit = ConnectionLimit(settings.isForOne ? 1 : settings.maximumConnections)
    acceptor = StreamAcceptor(
      policy, on: listeners, within: limit, in: reactor, makeStream: settings.makeStream)
  }

  /// Starts to accept.
  ///
  /// - Parameter ready: Called when clients may be waiting.
  /// - Throws: `EMFILE` and similar errors.
  func start(_ ready: @escaping () throws(IOFailure) -> Void) throws(IOFailure) {
    try acceptor.start(ready)
  }

  /// The next client to serve; `nil` if none is waiting, or other events must be handled first.
  ///
  /// - Throws: A permanent error of a listening socket, or an error that keeps files from being created.
  mutating func next() throws(IOFailure) -> HubClient? {
    while let stream = try acceptor.next() {
      if let client = try prepare(stream) { return client }
    }
    return nil
  }

  private mutating func prepare(_ stream: any ByteStream) throws(IOFailure) -> HubClient? {
    let sink: HubClient.Sink
    let greeting: [UInt8]
    let reply: ReplyFile?
    do {
      greeting = try readGreeting()
      reply = try openReply()
      sink = try makeSink(for: stream)
    } catch {
      guard ExitStatus(error) != .noResources else {
        acceptor.putBack(stream, because: error)
        return nil
      }
      stream.abortOnClose()
      guard case .read = error.operation else { throw error }
      turnAway(stream.remote, because: error)
      return nil
    }
    arrivals += 1
    report(.began(socket: stream.descriptor))
    let label = settings.isForOne ? "" : PeerLabel.text(stream.remote, arrivals)
    return HubClient(
      stream, number: arrivals, sink: sink, greeting: greeting, reply: reply,
      filters: filters, recording: filters.recording?.sharing(label: label), settings)
  }

  private func readGreeting() throws(IOFailure) -> [UInt8] {
    switch settings.greeting {
    case nil: []
    case .text(let bytes): bytes
    case .file(let path): try ReplyFile(path: path).contents(atMost: HubSettings.longestGreeting)
    }
  }

  private func openReply() throws(IOFailure) -> ReplyFile? {
    guard case .file(let path) = settings.supply else { return nil }
    return try ReplyFile(path: path)
  }

  /// The reply may be readable again for the next client.
  private mutating func turnAway(_ peer: Address, because error: IOFailure) {
    report(.ended(HubEnding(peer: peer, problem: .replyUnreadable(error))))
    acceptor.giveBack()
    refusal = error
  }

  private func makeSink(for stream: any ByteStream) throws(IOFailure) -> HubClient.Sink {
    let (peer, number) = (stream.remote, arrivals + 1)
    switch settings.destination {
    case .output where settings.isForOne || !settings.mergesLines: return .output
    case .output(let isLabelled):
      return .lines(.init(number: number, label: isLabelled ? outputLabel(of: peer, number) : []))
    case .files(let files): return .file(try files.create(for: peer, number: number))
    case .others(let asChat):
      guard asChat else { return .others }
      let member = ChatStyle.Member(peer: peer, number: number, descriptor: stream.descriptor)
      return .chat(ChatLines(label: settings.chat.label(member), style: settings.chat))
    case .discarded: return .discarded
    }
  }

  private func outputLabel(of peer: Address, _ number: Int) -> [UInt8] {
    let label = PeerLabel.text(peer, number)
    return Array((settings.colorsLabels ? TextColor(ofPeer: number).applied(to: label) : label).utf8)
  }

  /// Whether there was only one connection, and it was served or refused.
  var isExhausted: Bool { acceptor.isExhausted }

  /// Notes that a connection has ended: another client can be accepted.
  func giveBack() { acceptor.giveBack() }

  /// Closes the listening sockets: from here on clients are refused.
  func close() { acceptor.close() }
}
