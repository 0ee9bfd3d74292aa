// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets
import Transport

/// Waits for the end of one command, and handles the signals that arrive meanwhile.
///
/// A signal is passed on to the command, which has the grace period to end; a second one kills it.
package struct CommandWaiter: ~Copyable {
  private let command: RunningCommand
  private let connection: CommandConnection?
  private var interruption: CInt?

  /// The time for the command's output to arrive once it has ended because of a signal.
  private static let deliveryTime = Duration.seconds(1)

  /// Waits for a command with a connection of its own, and for the delivery of its output.
  package init(_ connection: CommandConnection) {
    self.connection = connection
    command = connection.command
  }

  /// Waits for a command without a connection.
  package init(_ command: RunningCommand) {
    self.command = command
    connection = nil
  }

  /// Passes a signal on to the command.
  package mutating func pass(_ signal: CInt) {
    if interruption == nil { command.ask(signal) } else { command.kill() }
    interruption = interruption ?? signal
  }

  /// Waits until everything is over.
  ///
  /// - Parameter limit: When the command must be ended, if its connection has no deadline of its own.
  /// - Throws: An error of the wait.
  package consuming func run(
    until signals: borrowing SignalQueue, limit: Deadline = .never
  ) throws(IOFailure) -> CommandOutcome {
    let resources = CopyResources(pipes: 0)
    let reactor = Reactor.forFew()
    let watchdog = Watchdog(in: reactor)
    defer { withExtendedLifetime(watchdog) {} }
    let signalWatch = try Watch(signals.descriptor, for: .readable, in: reactor)
    let commandWatch = try Watch(command.descriptor, in: reactor)
    let connectionWatch = try connection.map { (connection) throws(IOFailure) in
      try Watch(connection.descriptor, in: reactor)
    }
    var isLate = false
    var end = Deadline.never
    while command.ending == nil || (connection?.isOver == false && !end.hasPassed) {
      try commandWatch.watch(for: command.ending == nil ? .readable : nil)
      try connectionWatch?.watch(for: connection?.interest)
      try reactor.turn(until: min(connection?.deadline ?? command.deadline, isLate ? .never : limit, end))
      while let signal = signals.next() {
        if command.ending != nil { end = .now }
        pass(signal)
      }
      if limit.hasPassed, !isLate {
        isLate = true
        command.hangUp()
      }
      if let connection {
        connection.proceed(connectionWatch?.take() ?? [], with: resources, at: .now)
      } else {
        command.noteTime(.now)
        command.collect()
      }
      if interruption != nil, command.ending != nil, end == .never { end = .after(Self.deliveryTime) }
    }
    withExtendedLifetime(signalWatch) {}
    if let interruption { return .interrupted(by: interruption) }
    guard let ending = command.ending, !isLate, connection?.isLate != true else { return .late }
    return .ended(ending)
  }
}

/// The outcome of a command, as far as the caller's exit status depends on it.
package enum CommandOutcome: Equatable, Sendable {
  /// It ended.
  case ended(ProcessEnding)
  /// It was ended because its time was over.
  case late
  /// It was ended because a signal requested it.
  case interrupted(by: CInt)
}
