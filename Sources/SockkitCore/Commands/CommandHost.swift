// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
import SystemPackage

/// Runs a command for each client, any number at once, in one event loop, until it is told to stop.
package final class CommandHost {
  private let terms: CommandTerms
  private let admission: Admission
  private var reception: Reception
  private var queue: EventQueue
  /// By the numbers of the connections' descriptors.
  private var members: [CInt: Member] = [:]
  /// By the numbers of the commands' descriptors, while they run.
  private var runners: [CInt: Member] = [:]
  /// A client who waits for the system to have what it takes to serve him.
  private var arrival: StreamSocket?
  private var scratch = [UInt8](repeating: 0, count: 64 << 10)
  private var stage = Stage.open

  /// A connection, and what of it is watched.
  private final class Member {
    let connection: CommandConnection
    var watched: Readiness?
    init(_ connection: CommandConnection) { self.connection = connection }
  }

  /// How far the host is from its end.
  private enum Stage {
    /// Clients are let in.
    case open
    /// Those who are there may finish, until then.
    case finishing(Deadline)
    /// The commands that are left are being ended; until then they are waited for.
    case ending(Deadline)
  }

  /// How long a command may take to end once the grace of the server is over.
  private static let lastPatience = Duration.seconds(1)

  /// The signals that `run` has to be given.
  package static var signals: [CInt] { [SIGINT, SIGTERM, SIGHUP] }

  /// Prepares to serve who comes through a door.
  ///
  /// - Parameter limit: How many commands there may be at a time; the rest waits in the backlog.
  package init(
    _ terms: CommandTerms, through door: Door, _ admission: Admission, atMost limit: Int
  ) throws(SystemError) {
    self.terms = terms
    self.admission = admission
    reception = Reception(admission, through: door, within: Capacity(limit, loops: 1))
    queue = try EventQueue()
  }

  /// Serves until a signal tells it to stop; then those who are there have the grace to finish, until a second signal.
  ///
  /// - Throws: What breaks the listener or the waiting.
  package func run(until signals: borrowing SignalQueue) throws(SystemError) {
    var stops = StopRequests()
    try queue.add(signals.number, for: .readable)
    while try prepare() {
      let events = try queue.wait(until: nextLook)
      let now = Deadline.now
      var hasClients = arrival != nil
      for event in events {
        if event.descriptor == signals.number {
          switch stops.take(from: signals, for: admission) {
          case .goOn: break
          case .finish: try stopReceiving()
          case .end:
            // Also where both requests came at once.
            try stopReceiving()
            endCommands { $0.kill() }
          }
        } else if event.descriptor == reception.number {
          hasClients = true
        } else {
          proceed(with: event, at: now)
        }
      }
      for member in members.values where member.connection.deadline <= now {
        advance(member, [], at: now)
      }
      // Last, because a new connection may get the number of one that events were about.
      if hasClients { try receive() }
    }
    for member in members.values { member.connection.close() }
  }

  /// Makes ready for a wait.
  ///
  /// - Returns: Whether there is anything to wait for.
  private func prepare() throws(SystemError) -> Bool {
    try reception.settle(in: queue)
    switch stage {
    case .open: return true
    case .finishing(let end):
      if end.hasPassed { endCommands { $0.ask(SIGHUP, within: Self.lastPatience) } }
      return !members.isEmpty
    case .ending(let end): return !runners.isEmpty && !end.hasPassed
    }
  }

  private var nextLook: Deadline {
    var next = members.values.reduce(Deadline.never) { min($0, $1.connection.deadline) }
    switch stage {
    case .open: next = min(next, arrival != nil && !reception.isPaused ? .now : reception.nextLook)
    case .finishing(let end), .ending(let end): next = min(next, end)
    }
    return next
  }

  // MARK: Coming and going

  /// Lets clients in, and starts a command for each.
  private func receive() throws(SystemError) {
    guard case .open = stage, !reception.isPaused else { return }
    while let socket = try nextClient() {
      let command: RunningCommand
      do {
        command = try terms.start(on: socket)
      } catch {
        if ExitStatus(error) == .noResources {
          arrival = consume socket
          return reception.wait(because: error)
        }
        admission.report(.commandNotStarted(error, for: socket.remote))
        reception.giveBack()
        continue
      }
      add(CommandConnection(socket, command, until: terms.limit.map(Deadline.after) ?? .never))
    }
  }

  private func nextClient() throws(SystemError) -> StreamSocket? {
    if let socket = arrival.take() { return socket }
    return try reception.next()
  }

  private func add(_ connection: CommandConnection) {
    let member = Member(connection)
    members[connection.number.rawValue] = member
    attempt(for: member) { () throws(SystemError) in
      try queue.add(connection.command.number, for: .readable)
      runners[connection.command.number.rawValue] = member
      try settle(member)
    }
  }

  private func proceed(with event: EventQueue.Event, at now: Deadline) {
    if let member = runners[event.descriptor.rawValue] {
      advance(member, [], at: now)
    } else if let member = members[event.descriptor.rawValue] {
      advance(member, event.readiness, at: now)
    }
  }

  private func advance(_ member: Member, _ readiness: Readiness, at now: Deadline) {
    let connection = member.connection
    connection.proceed(readiness, &scratch, at: now)
    attempt(for: member) { () throws(SystemError) in
      if connection.command.ending != nil { try endCommand(of: member) }
      try settle(member)
    }
    guard connection.isOver, members.removeValue(forKey: connection.number.rawValue) != nil else { return }
    reception.giveBack()
  }

  private func endCommand(of member: Member) throws(SystemError) {
    let connection = member.connection
    guard runners.removeValue(forKey: connection.command.number.rawValue) != nil else { return }
    report(connection)
    try queue.remove(connection.command.number)
  }

  private func report(_ connection: CommandConnection) {
    guard let ending = connection.command.ending else { return }
    admission.report(
      .commandEnded(
        for: connection.remote, ending, duration: connection.began.duration(until: .now),
        error: connection.failure))
  }

  /// Does what can fail for want of memory in the kernel, which costs the one client.
  private func attempt(for member: Member, _ body: () throws(SystemError) -> Void) {
    let connection = member.connection
    do { try body() } catch {
      let wasRunning = connection.command.ending == nil
      connection.abort(because: error)
      runners[connection.command.number.rawValue] = nil
      if wasRunning { report(connection) }
      guard members.removeValue(forKey: connection.number.rawValue) != nil else { return }
      reception.giveBack()
    }
  }

  /// Watches of a connection what it waits for. One that is over has to be taken out, because somebody else may hold it
  /// open and keep it in the queue.
  private func settle(_ member: Member) throws(SystemError) {
    let connection = member.connection
    let wanted = connection.isOver ? nil : connection.interest
    guard wanted != member.watched else { return }
    if let wanted, member.watched != nil {
      try queue.change(connection.number, to: wanted)
    } else if let wanted {
      try queue.add(connection.number, for: wanted)
    } else {
      try queue.remove(connection.number)
    }
    member.watched = wanted
  }

  // MARK: The end

  private func stopReceiving() throws(SystemError) {
    guard case .open = stage else { return }
    stage = .finishing(.after(terms.grace))
    arrival = nil
    try reception.close(in: queue)
  }

  /// Ends what is left, and gives it the time that takes.
  private func endCommands(_ end: (RunningCommand) -> Void) {
    for member in runners.values { end(member.connection.command) }
    stage = .ending(.after(Self.lastPatience * 2))
  }
}
