// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Reactor
package import Sockets
import SystemPackage
import Transport

/// Runs a command for each client, any number at once, in one event loop, until a signal requests the end.
package final class CommandHost {
  private let terms: CommandSettings
  private let policy: AccessPolicy
  private let reactor: Reactor
  private let acceptor: Acceptor
  private var members = MemberList<Member>()
  /// The number of running commands.
  private var running = 0
  private let resources = CopyResources(pipes: 0)
  /// The time of the next stage of the shutdown; `nil` until a signal requests the end.
  private var stageEnd: Registration?
  /// Whether the remaining commands are being ended.
  private var isEnding = false

  /// A connection with its command, and their registrations.
  private final class Member: ReactorHandler, ListMember {
    let connection: CommandConnection
    /// The index among the members of the host.
    var index: Int?
    var connectionWatch: Registration?
    /// `nil` once the command has ended.
    var commandWatch: Registration?
    private unowned let host: CommandHost

    init(_ connection: CommandConnection, of host: CommandHost) {
      self.connection = connection
      self.host = host
    }

    /// Stops watching.
    func release() { (connectionWatch, commandWatch) = (nil, nil) }

    func handle(_ event: Reactor.Event) {
      let isOfConnection = event.descriptor == connection.descriptor
      host.advance(self, isOfConnection ? event.readiness : [], at: event.now)
    }
  }

  /// The time that a command has to end once the grace period of the server is over.
  private static let lastPatience = Duration.seconds(1)

  /// The signals that `run` needs.
  package static var signals: [CInt] { [SIGINT, SIGTERM, SIGHUP] }

  /// Prepares to serve the clients of listeners.
  ///
  /// - Parameter limit: The maximum number of simultaneous commands; further clients wait in the backlog.
  package init(
    _ terms: CommandSettings, on listeners: ListenerGroup, _ policy: AccessPolicy, atMost limit: Int
  ) throws(IOFailure) {
    self.terms = terms
    self.policy = policy
    reactor = try Reactor()
    acceptor = Acceptor(policy, on: listeners, within: ConnectionLimit(limit), in: reactor)
  }

  /// Serves until a signal requests the end. Then the remaining clients have the grace period to finish, until a second
  /// signal arrives.
  ///
  /// - Throws: A permanent error of a listening socket, or an error of the wait.
  package func run(until signals: borrowing SignalQueue) throws(IOFailure) {
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    var stops = StopRequests()
    var isSignalled = false
    let signalWatch = try reactor.register(signals.descriptor, for: .readable) { _ in isSignalled = true }
    try acceptor.start { [unowned self] () throws(IOFailure) in try receive() }
    try reactor.run { () throws(IOFailure) in
      guard isSignalled else { return }
      isSignalled = false
      switch stops.take(from: signals, for: policy) {
      case .goOn: break
      case .finish: stopReceiving()
      case .end:
        // Also if both requests arrived at once.
        stopReceiving()
        endCommands { $0.kill() }
      }
    }
    for member in members.all {
      member.connection.close()
      member.release()
    }
    (members, stageEnd) = (MemberList(), nil)
    withExtendedLifetime(signalWatch) {}
  }

  // MARK: Clients

  /// Accepts clients, and starts a command for each.
  private func receive() throws(IOFailure) {
    while let socket = try acceptor.next() {
      let command: RunningCommand
      do {
        command = try terms.start(on: socket)
      } catch {
        if ExitStatus(error) == .noResources {
          return acceptor.putBack(socket, because: error)
        }
        policy.report(.commandNotStarted(error, for: socket.remote))
        acceptor.giveBack()
        continue
      }
      add(CommandConnection(socket, command, until: terms.limit.map(Deadline.after) ?? .never))
    }
    if acceptor.isExhausted, members.all.isEmpty { reactor.stop() }
  }

  private func add(_ connection: CommandConnection) {
    let member = Member(connection, of: self)
    members.add(member)
    running += 1
    attempt(for: member) { () throws(IOFailure) in
      member.commandWatch = try reactor.register(connection.command.descriptor, for: .readable, member)
      member.connectionWatch = try reactor.register(connection.descriptor, for: nil, member)
      try settle(member)
    }
  }

  private func advance(_ member: Member, _ readiness: Readiness, at now: Deadline) {
    let connection = member.connection
    connection.proceed(readiness, with: resources, at: now)
    if connection.command.ending != nil { endCommand(of: member) }
    attempt(for: member) { () throws(IOFailure) in try settle(member) }
    if connection.isOver { remove(member) }
  }

  private func endCommand(of member: Member) {
    guard member.commandWatch != nil else { return }
    member.commandWatch = nil
    didEndCommand(of: member.connection)
  }

  private func didEndCommand(of connection: CommandConnection) {
    running -= 1
    report(connection)
    if isEnding, running == 0 { reactor.stop() }
  }

  private func remove(_ member: Member) {
    guard members.remove(member) else { return }
    // Before the socket is closed: processes that the command has left behind may hold it open.
    member.release()
    acceptor.giveBack()
    if members.all.isEmpty, !acceptor.isOpen { reactor.stop() }
  }

  private func report(_ connection: CommandConnection) {
    guard let ending = connection.command.ending else { return }
    policy.report(
      .commandEnded(
        for: connection.remote, ending, duration: connection.began.duration(until: .now),
        error: connection.failure))
  }

  /// Runs an operation that may fail for lack of kernel memory; a failure ends only this connection.
  private func attempt(for member: Member, _ body: () throws(IOFailure) -> Void) {
    do { try body() } catch {
      let wasRunning = member.connection.command.ending == nil
      member.connection.abort(because: error)
      if wasRunning { didEndCommand(of: member.connection) }
      remove(member)
    }
  }

  /// Updates the interest in a connection, and its deadline.
  private func settle(_ member: Member) throws(IOFailure) {
    let connection = member.connection
    guard !connection.isOver, let watch = member.connectionWatch else { return }
    if let interest = connection.interest { try watch.watch(for: interest) } else { try watch.pause() }
    watch.wake(at: connection.deadline)
  }

  // MARK: Shutdown

  private func stopReceiving() {
    guard stageEnd == nil else { return }
    acceptor.close()
    guard !members.all.isEmpty else { return reactor.stop() }
    stageEnd = reactor.timer(after: terms.grace) { [unowned self] in
      endCommands { $0.ask(SIGHUP, within: Self.lastPatience) }
    }
  }

  /// Ends the remaining commands, and gives them time to end.
  private func endCommands(_ end: (RunningCommand) -> Void) {
    isEnding = true
    guard running > 0 else { return reactor.stop() }
    for member in members.all where member.connection.command.ending == nil {
      end(member.connection.command)
      member.connectionWatch?.wake(at: member.connection.deadline)
    }
    stageEnd = reactor.timer(after: Self.lastPatience * 2) { [unowned self] in reactor.stop() }
  }
}
