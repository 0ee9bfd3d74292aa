// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Sockets
import SystemPackage
import Transport

/// The clients of a hub and the standard streams, and the transfer of bytes between them.
///
/// It never waits; its owner does.
final class HubExchange {
  private let settings: HubSettings
  /// Standard output; `nil` if it does not receive the clients' bytes.
  let output: HubOutput?
  /// Standard input; `nil` if it is not sent to the clients.
  var input: HubInput?
  /// The connected clients.
  var clients = HubClients()
  private var inputLines: ChatLines?
  private let resources = CopyResources(pipes: 0)

  /// Opens the standard streams that the settings need.
  init(_ settings: HubSettings) {
    self.settings = settings
    if case .output = settings.destination {
      output = HubOutput(isGuarded: settings.isOutputGuarded)
    } else {
      output = nil
    }
    if case .input = settings.supply { input = HubInput() }
    if case .others(asChat: true) = settings.destination {
      inputLines = ChatLines(label: settings.chat.ownLabel, style: settings.chat)
    }
  }

  /// Adds a client, and starts to send.
  func add(_ client: HubClient) {
    clients.add(client)
    if input?.hasEnded == true, !settings.isBroker, !settings.stopsSupplyOnPeerEnd {
      client.supplyEnded(at: .now)
    }
    client.sending.send(using: resources)
    clients.mark(client)
  }

  /// Handles the readiness of a client's socket.
  func serve(_ client: HubClient, _ readiness: Readiness) throws(IOFailure) {
    if readiness.hasBroken { client.hasHungUp = true }
    if client.socket.canRead(after: readiness), client.isHeard, mayTake(from: client) {
      if let count = client.receive(&resources.scratch) {
        try take(count, from: client)
      } else if !client.mayReceive {
        try endSink(of: client)
      }
    }
    if client.socket.canWrite(after: readiness) { client.sending.send(using: resources) }
    clients.mark(client)
  }

  /// Writes pending output, and registers the missing readiness with a reactor.
  func settle(in reactor: Reactor) throws(IOFailure) {
    try output?.write()
    try output?.settle(in: reactor)
    input?.isWanted = mayReadInput
    try input?.settle(in: reactor)
  }

  /// Stops watching the standard streams.
  func release() {
    output?.release()
    input?.release()
  }

  /// How long a client that has ended is kept for an input that has never had a byte; `nil` for as long as it takes.
  var inputWait: Duration? {
    guard let wait = settings.inputWait, !settings.isBroker, input?.isUnused == true else { return nil }
    return wait
  }

  /// Whether all bytes of the clients have been written.
  var isWrittenOut: Bool { output.map { $0.count == 0 } ?? true }

  /// Whether nothing more is sent to a client that has stopped sending.
  var endsWithClient: Bool {
    settings.isBroker || settings.stopsSupplyOnPeerEnd || input?.isTerminal == true
  }

  /// The number of full destinations of the clients' bytes: clients for a broker, otherwise standard output.
  var fullCount: Int { settings.isBroker ? clients.fullCount : output?.isFull == true ? 1 : 0 }

  // MARK: From the clients

  /// Whether the destination of a client's bytes has room, given the number of full destinations.
  func mayTake(from client: HubClient, whileFull count: Int) -> Bool {
    count == (settings.isBroker && client.isCountedFull ? 1 : 0)
  }

  private func mayTake(from client: HubClient) -> Bool {
    mayTake(from: client, whileFull: fullCount)
  }

  /// Passes on a client's bytes, which are at the start of the scratch memory.
  private func take(_ count: Int, from client: HubClient) throws(IOFailure) {
    let scratch = resources.scratch
    switch client.sink {
    case .discarded: break
    case .output: output?.add(scratch.span.extracting(first: count))
    case .others: send(Array(scratch[..<count]), toAllBut: client)
    case .file(let file):
      try file.write(scratch.span.extracting(first: count))
    case .lines(var lines):
      // A unique reference is not copied when it changes.
      client.sink = .discarded
      output?.add(scratch.span.extracting(first: count), of: &lines)
      client.sink = .lines(lines)
    case .chat(var lines):
      client.sink = .discarded
      var text: [UInt8] = []
      lines.add(scratch.span.extracting(first: count), to: &text)
      client.lineDeadline = lines.isMidLine ? .after(ChatLines.patience) : .never
      client.sink = .chat(lines)
      send(text, toAllBut: client)
    }
  }

  /// Passes on the started line of a chat client as a line.
  func endLine(of client: HubClient) {
    client.lineDeadline = .never
    guard case .chat(var lines) = client.sink else { return }
    var text: [UInt8] = []
    lines.end(to: &text)
    client.sink = .chat(lines)
    send(text, toAllBut: client)
  }

  /// Completes the output of a client that sends nothing more.
  func endSink(of client: HubClient) throws(IOFailure) {
    let sink = client.sink
    client.sink = .discarded
    switch sink {
    case .discarded, .others: break
    case .output: output?.end()
    case .file(let file): try file.close()
    case .lines(var lines): output?.end(&lines)
    case .chat(var lines):
      var text: [UInt8] = []
      lines.end(to: &text)
      send(text, toAllBut: client)
    }
  }

  // MARK: To the clients

  /// Sends the lines of a chat's style to all members.
  func announce(_ lines: (ChatStyle) -> [String]) {
    guard case .others(asChat: true) = settings.destination else { return }
    send(lines(settings.chat).flatMap { Array("\($0)\n".utf8) }, toAllBut: nil)
  }

  private func send(_ bytes: [UInt8], toAllBut sender: HubClient?) {
    guard !bytes.isEmpty else { return }
    for client in clients.all where client !== sender && client.isOpen {
      let count = client.sending.sendNow(bytes.span)
      if count < bytes.count, client.isOpen { client.sending.give(bytes, from: count) }
      clients.count(client)
      clients.mark(client)
    }
  }

  /// Whether standard input may be read: at least one client can be sent its bytes, and no client is full.
  var mayReadInput: Bool {
    guard let input, !input.hasEnded, clients.fullCount == 0 else { return false }
    return clients.all.contains(where: \.isOpen)
  }

  /// Reads available input, and sends it to all clients.
  func readInput(at now: Deadline) throws(IOFailure) {
    guard mayReadInput else { return }
    if let count = try input?.read(into: &resources.scratch) {
      guard inputLines != nil else { return send(Array(resources.scratch[..<count]), toAllBut: nil) }
      var text: [UInt8] = []
      let scratch = resources.scratch
      inputLines?.add(scratch.span.extracting(first: count), to: &text)
      send(text, toAllBut: nil)
    } else if input?.hasEnded == true {
      endSupply(at: now)
    }
  }

  /// Stops reading: clients that were sent part of an incomplete input do not see an orderly end.
  func cutInput(at now: Deadline) {
    guard input?.hasEnded == false else { return }
    let isCutShort = input?.isTerminal == false && !settings.isBroker && input?.isAtEnd == false
    input?.end()
    if isCutShort {
      for client in clients.all { client.cutSupply(at: now) }
    }
    endSupply(at: now)
  }

  private func endSupply(at now: Deadline) {
    // The clients of a broker still have each other.
    guard !settings.isBroker else {
      var text: [UInt8] = []
      inputLines?.end(to: &text)
      return send(text, toAllBut: nil)
    }
    for client in clients.all {
      client.supplyEnded(at: now)
      clients.mark(client)
    }
  }

  /// Whether bytes could be sent to others now, if this client did not hold them back.
  func holdsOthersUp(_ client: HubClient) -> Bool {
    let starving = clients.all.filter { $0 !== client && $0.isOpen && !$0.sending.hasPending }
    if let input, !input.hasEnded, !starving.isEmpty, input.hasBytes { return true }
    guard settings.isBroker else { return false }
    return clients.all.contains { sender in
      sender !== client && sender.mayReceive && starving.contains { $0 !== sender }
        && ((try? sender.socket.unreadBytes()) ?? 0) > 0
    }
  }
}
