// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import SystemPackage

/// Serves the clients of `listen` from one readiness loop: what they send goes where the settings say, and what they
/// are sent comes from there.
///
/// A client that does not read holds the others up for a while at most, whoever does not read standard output holds
/// up all of them, and nothing takes more memory for it.
package final class Hub {
  let settings: HubSettings
  private let report: @Sendable (HubEvent) -> Void
  private let admission: Admission
  private let door: Door
  private let capacity: Capacity
  private var reception: Reception
  private var queue: EventQueue
  private let output: HubOutput?
  private var input: InputSupply?
  private var inputLines: ChatLines?
  private var clients = HubClients()
  private var scratch = [UInt8](repeating: 0, count: 64 << 10)
  private var arrivals = 0
  /// A client whose file the system has no descriptor for yet.
  private var waiting: StreamSocket?
  /// When the time of some client may be over.
  private var nextSweep = Deadline.never
  /// When all is over, whoever is connected; `never` until it is told to stop.
  private var end = Deadline.never
  /// How many are full, as far as the sockets are watched by it: those of the clients that others are sent to, or
  /// standard output.
  private var gate = 0
  private var outcome: HubOutcome?

  /// The time from one look at all clients to the next, at least; a time-out is late by that at most.
  private static let sweepPause = Duration.milliseconds(20)
  /// How long a client may read nothing while others are held up by it.
  private static let patience = Duration.seconds(5)
  /// How long after one look at a client that reads nothing the next one is.
  private static let stallPause = Duration.seconds(1)
  /// What the lines of standard input begin with in a chat.
  private static let ownLabel = Array("[server] ".utf8)

  /// Prepares to serve.
  ///
  /// - Parameter report: Told of what happens to clients.
  /// - Throws: `EMFILE` and its like.
  package init(
    _ settings: HubSettings, _ admission: Admission, through door: Door,
    report: @escaping @Sendable (HubEvent) -> Void
  ) throws(SystemError) {
    self.settings = settings
    self.report = report
    self.admission = admission
    self.door = door
    capacity = Capacity(settings.isForOne ? 1 : settings.maximumConnections, loops: 1)
    reception = Reception(admission, through: door, within: capacity)
    queue = try EventQueue()
    if case .output = settings.destination { output = HubOutput() } else { output = nil }
    if case .input = settings.supply { input = InputSupply() }
    if case .others(asChat: true) = settings.destination { inputLines = ChatLines(label: Self.ownLabel) }
  }

  /// Serves until it is over.
  ///
  /// - Throws: What breaks the listener, a standard stream or a file that is written.
  package func run(until signals: borrowing SignalQueue) throws(SystemError) -> HubOutcome {
    defer { door.close() }
    try queue.add(signals.number, for: .readable)
    var stops = StopRequests()
    try settle(at: .now)
    while true {
      let others = try turn()
      if others.contains(signals.number) {
        if settings.isForOne {
          if let signal = signals.next(), !admission.heed(signal) { outcome = .interrupted(by: signal) }
        } else {
          switch stops.take(from: signals, for: admission) {
          case .goOn: break
          case .finish: try stop()
          case .end: end = .now
          }
        }
      }
      if let outcome = try conclusion() { return outcome }
    }
  }

  // MARK: The loop

  /// Waits for what comes next, and does what it asks for.
  ///
  /// - Returns: What of the things that are watched beside is ready.
  private func turn() throws(SystemError) -> [FileDescriptor] {
    var others: [FileDescriptor] = []
    let isInputDue = mayReadInput && input?.isAlwaysReady == true
    let events = try queue.wait(until: isInputDue ? .now : nextDeadline)
    let now = Deadline.now
    var mayArrive = waiting != nil
    for event in events {
      if let client = clients[event.descriptor] {
        try serve(client, event.readiness)
      } else if event.descriptor == reception.number {
        mayArrive = true
      } else if event.descriptor == output?.number {
        try output?.note(event.readiness)
      } else if event.descriptor == input?.number {
        input?.note()
      } else {
        others.append(event.descriptor)
      }
    }
    try readInput(at: now)
    try sweep(at: now)
    // Behind the others' events: who comes may get the descriptor of somebody who has just left.
    if mayArrive { try admit() }
    try settle(at: now)
    return others
  }

  private var nextDeadline: Deadline {
    let arrival = arrivals == 0 ? settings.arrivalDeadline : .never
    return min(nextSweep, reception.nextLook, end, settings.limits.deadline, arrival)
  }

  /// Looks at those to whom something happened, and then waits for what is missing.
  private func settle(at now: Deadline) throws(SystemError) {
    while let client = clients.nextMarked() {
      if clients.has(client) { try settle(client, at: now) }
    }
    try output?.write()
    try openGate()
    try output?.settle(in: queue)
    let isInputWanted = mayReadInput
    try input?.settle(isWanted: isInputWanted, in: queue)
    try reception.settle(in: queue)
  }

  /// Has everybody's socket watched anew if what may be received has changed.
  private func openGate() throws(SystemError) {
    let now = settings.isBroker ? clients.fullCount : output?.isFull == true ? 1 : 0
    guard now != gate else { return }
    gate = now
    for client in clients.all { try watch(client) }
  }

  private func watch(_ client: HubClient) throws(SystemError) {
    var wanted: Readiness = []
    let isGateOpen = gate == (settings.isBroker && client.isCountedFull ? 1 : 0)
    if client.mayReceive, isGateOpen { wanted.formUnion(.readable) }
    if client.hasPending { wanted.formUnion(.writable) }
    // One that is gone is reported for ever.
    let interest = wanted.isEmpty && client.hasHungUp ? nil : wanted
    guard interest != client.interest else { return }
    switch (client.interest, interest) {
    case (nil, let interest?): try queue.add(client.socket.number, for: interest)
    case (_, let interest?): try queue.change(client.socket.number, to: interest)
    default: try queue.remove(client.socket.number)
    }
    client.interest = interest
  }

  // MARK: Clients

  /// Lets in who waits.
  private func admit() throws(SystemError) {
    if let socket = waiting.take() {
      guard reception.nextLook.hasPassed || reception.nextLook == .never else {
        waiting = consume socket
        return
      }
      try begin(socket)
    }
    while waiting == nil, let socket = try reception.next() { try begin(socket) }
  }

  private func begin(_ socket: consuming StreamSocket) throws(SystemError) {
    let sink: HubClient.Sink
    let reply: ReplyFile?
    do {
      reply = try openReply()
      sink = try makeSink(for: socket.remote)
    } catch {
      guard ExitStatus(error) != .noResources else {
        reception.wait(because: error)
        waiting = consume socket
        return
      }
      try socket.resetOnClose()
      guard case .read = error.operation else { throw error }
      return turnAway(socket.remote, because: error)
    }
    arrivals += 1
    report(.began(socket: socket.number, family: socket.family))
    let client = HubClient(socket, number: arrivals, sink: sink, reply: reply, settings)
    clients.add(client)
    if settings.isForOne { try reception.close(in: queue) }
    if input?.hasEnded == true, !settings.isBroker { client.supplyEnded(at: .now) }
    client.send(&scratch)
    clients.mark(client)
    try makeRoom()
  }

  private func openReply() throws(SystemError) -> ReplyFile? {
    guard case .file(let path) = settings.supply else { return nil }
    return try ReplyFile(path: path)
  }

  /// The reply may be there again for the next client.
  private func turnAway(_ peer: Address, because error: SystemError) {
    report(.ended(HubEnding(peer: peer, problem: .unsupplied(error))))
    reception.giveBack()
    if settings.isForOne { outcome = .failed(error) }
  }

  private func makeSink(for peer: Address) throws(SystemError) -> HubClient.Sink {
    let number = arrivals + 1
    switch settings.destination {
    case .output(let isLabelled):
      return .lines(.init(number: number, label: isLabelled ? Self.label(peer, number) : []))
    case .files(let files): return .file(try files.create(for: peer, number: number))
    case .others(let asChat): return asChat ? .chat(ChatLines(label: Self.label(peer, number))) : .others
    case .nobody: return .nobody
    }
  }

  /// Who it is, as in `[192.0.2.1:40112] `; Unix sockets without a name are told apart by their numbers.
  private static func label(_ peer: Address, _ number: Int) -> [UInt8] {
    let name = peer == .unnamed ? "\(peer)#\(number)" : TerminalSafe.escape("\(peer)")
    return Array("[\(name)] ".utf8)
  }

  /// Lets go of one who has stopped sending, where there are more than were asked for.
  private func makeRoom() throws(SystemError) {
    guard clients.count > settings.maximumConnections, !settings.isForOne else { return }
    let idle = clients.all.filter { !$0.takesRoom }
    let candidates = idle.filter(\.awaitsSupplyOnly)
    let eldest = (candidates.isEmpty && clients.count > 2 * settings.maximumConnections ? idle : candidates)
      .min { ($0.finishedAt ?? .never) < ($1.finishedAt ?? .never) }
    if let eldest { try remove(eldest, because: .displaced) }
  }

  private func serve(_ client: HubClient, _ readiness: Readiness) throws(SystemError) {
    if !readiness.isDisjoint(with: [.hungUp, .failed]) { client.hasHungUp = true }
    if readiness.allowsRead, client.mayReceive, mayTake(from: client) {
      if let count = client.receive(&scratch) {
        try take(count, from: client)
      } else if !client.mayReceive {
        try endSink(of: client)
      }
    }
    if readiness.allowsWrite { client.send(&scratch) }
    clients.mark(client)
  }

  private func settle(_ client: HubClient, at now: Deadline) throws(SystemError) {
    switch client.settle(endsWithClient: endsWithClient, at: now) {
    case .orderly?: return try remove(client, because: nil)
    case .troubled(let problem)?: return try remove(client, because: problem)
    case nil: break
    }
    clients.count(client)
    if client.isFull, client.nextStallLook == .never { client.nextStallLook = now + Self.patience }
    if client.takesRoom, client.awaitsSupplyOnly, !settings.isForOne {
      client.takesRoom = false
      reception.giveBack()
    }
    try watch(client)
    nextSweep = min(nextSweep, client.deadline)
  }

  /// Whether a client that has stopped sending is sent nothing more that comes.
  private var endsWithClient: Bool { settings.isBroker || input?.isTerminal == true }

  private func remove(_ client: HubClient, because problem: HubEnding.Problem?) throws(SystemError) {
    try endSink(of: client)
    let ending = client.ending(problem)
    // Whoever is not sent everything has to learn it.
    if problem != nil, !client.wasSentEverything { try? client.socket.resetOnClose() }
    clients.remove(client)
    if client.takesRoom { reception.giveBack() }
    report(.ended(ending))
    guard settings.isForOne else { return }
    input?.putBack(ending.report.sent.pending)
    outcome = outcome ?? HubOutcome(of: ending)
  }

  // MARK: What clients send

  private func mayTake(from client: HubClient) -> Bool {
    if settings.isBroker { return clients.fullCount == (client.isCountedFull ? 1 : 0) }
    return output?.isFull != true
  }

  /// Passes on what a client has sent, which is at the beginning of `scratch`.
  private func take(_ count: Int, from client: HubClient) throws(SystemError) {
    let scratch = scratch
    switch client.sink {
    case .nobody: break
    case .others: send(Array(scratch[..<count]), toAllBut: client)
    case .file(let file):
      do { try file.write(scratch.span.extracting(first: count)) } catch {
        try client.socket.resetOnClose()
        throw error
      }
    case .lines(var lines):
      // Held once, it is not copied when it changes.
      client.sink = .nobody
      output?.add(scratch.span.extracting(first: count), of: &lines)
      client.sink = .lines(lines)
    case .chat(var lines):
      client.sink = .nobody
      var text: [UInt8] = []
      lines.add(scratch.span.extracting(first: count), to: &text)
      client.sink = .chat(lines)
      send(text, toAllBut: client)
    }
  }

  /// Completes what a client has begun, because it sends nothing more.
  private func endSink(of client: HubClient) throws(SystemError) {
    let sink = client.sink
    client.sink = .nobody
    switch sink {
    case .nobody, .others: break
    case .file(let file): try file.close()
    case .lines(var lines): output?.end(&lines)
    case .chat(var lines):
      var text: [UInt8] = []
      lines.end(to: &text)
      send(text, toAllBut: client)
    }
  }

  // MARK: What clients are sent

  private func send(_ bytes: [UInt8], toAllBut sender: HubClient?) {
    guard !bytes.isEmpty else { return }
    for client in clients.all where client !== sender && client.isOpen {
      let count = client.sendNow(bytes.span)
      if count < bytes.count, client.isOpen { client.give(bytes, from: count) }
      clients.count(client)
      clients.mark(client)
    }
  }

  private var mayReadInput: Bool {
    guard let input, !input.hasEnded, end == .never, clients.fullCount == 0 else { return false }
    return clients.all.contains(where: \.isOpen)
  }

  private func readInput(at now: Deadline) throws(SystemError) {
    guard mayReadInput else { return }
    if let count = try input?.read(into: &scratch) {
      guard inputLines != nil else { return send(Array(scratch[..<count]), toAllBut: nil) }
      var text: [UInt8] = []
      let scratch = scratch
      inputLines?.add(scratch.span.extracting(first: count), to: &text)
      send(text, toAllBut: nil)
    } else if input?.hasEnded == true {
      endSupply(at: now)
    }
  }

  private func endSupply(at now: Deadline) {
    // A broker's clients have still each other.
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

  // MARK: Time

  /// Looks for clients whose time is over.
  private func sweep(at now: Deadline) throws(SystemError) {
    guard nextSweep <= now else { return }
    nextSweep = .never
    for client in clients.all {
      if client.deadline <= now { try look(at: client, now) }
      nextSweep = min(nextSweep, client.deadline)
    }
    if nextSweep != .never { nextSweep = max(nextSweep, now + Self.sweepPause) }
  }

  private func look(at client: HubClient, _ now: Deadline) throws(SystemError) {
    client.look(at: now)
    clients.mark(client)
    if client.isIdle(at: now) { return try remove(client, because: .idle) }
    guard client.nextStallLook <= now else { return }
    if !client.isFull {
      client.nextStallLook = .never
    } else if client.lastProgress + Self.patience > now {
      client.nextStallLook = client.lastProgress + Self.patience
    } else if holdsOthersUp(client) {
      try remove(client, because: .stalled(Self.patience))
    } else {
      client.nextStallLook = now + Self.stallPause
    }
  }

  /// Whether somebody would be sent something now, were it not for a client that takes nothing.
  private func holdsOthersUp(_ client: HubClient) -> Bool {
    let starving = clients.all.filter { $0 !== client && $0.isOpen && $0.outbox.isEmpty }
    if let input, !input.hasEnded, !starving.isEmpty, input.hasBytes { return true }
    guard settings.isBroker else { return false }
    return clients.all.contains { sender in
      sender !== client && sender.mayReceive && starving.contains { $0 !== sender }
        && ((try? sender.socket.unreadBytes()) ?? 0) > 0
    }
  }

  // MARK: The end

  /// Lets nobody in any more, and tells those who are there that nothing more comes.
  private func stop() throws(SystemError) {
    try reception.close(in: queue)
    end = .after(settings.grace)
    endSupply(at: .now)
    try settle(at: .now)
  }

  /// How it ended, once it has.
  private func conclusion() throws(SystemError) -> HubOutcome? {
    if outcome == nil {
      if settings.limits.deadline.hasPassed { outcome = .late }
      if arrivals == 0, settings.arrivalDeadline.hasPassed { outcome = .nobody }
    }
    if case .interrupted? = outcome {
    } else if outcome == nil, end == .never || clients.count > 0 && !end.hasPassed {
      return nil
    }
    return try finish()
  }

  private func finish() throws(SystemError) -> HubOutcome? {
    let isInTime = !settings.limits.deadline.hasPassed && !end.hasPassed
    if clients.count > 0 {
      input?.putBack(clients.all.map { $0.sent.pending }.min() ?? 0)
      for client in clients.all { try remove(client, because: .outlived) }
    }
    if let socket = waiting.take() { try socket.resetOnClose() }
    try output?.write()
    guard let output, output.count > 0 else {
      try self.output?.close()
      return outcome ?? .finished
    }
    if case .interrupted? = outcome { return outcome }
    if isInTime {
      try output.settle(in: queue)
      return nil
    }
    return .unwritten(output.count)
  }
}

extension HubOutcome {
  /// How a hub for one client ended, by what became of it.
  fileprivate init(of ending: HubEnding) {
    self =
      switch ending.problem {
      case nil, .outlived?, .displaced?, .stalled?: .finished
      case .broken(let error)?, .unsupplied(let error)?: .failed(error)
      case .idle?: .idle(ending.peer)
      }
  }
}
