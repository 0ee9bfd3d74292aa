// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
package import Sockets

/// One command, waited for to its end, with the signals that come meanwhile.
///
/// A signal is passed on to the command, which has the grace to end; a second one kills it.
package struct CommandWaiter: ~Copyable {
  private let command: RunningCommand
  private let connection: CommandConnection?
  private var interruption: CInt?

  /// How long what a command wrote may take to arrive once it has ended because of a signal.
  private static let deliveryTime = Duration.seconds(1)

  /// A command that has a connection of its own: what it wrote is waited for too.
  package init(_ connection: CommandConnection) {
    self.connection = connection
    command = connection.command
  }

  /// A command that has no connection any more.
  package init(_ command: RunningCommand) {
    self.command = command
    connection = nil
  }

  /// Passes a signal on.
  package mutating func pass(_ signal: CInt) {
    if interruption == nil { command.ask(signal) } else { command.kill() }
    interruption = interruption ?? signal
  }

  /// Waits until everything is over.
  ///
  /// - Parameter limit: When the command is to be ended, if that is not known to its connection.
  /// - Throws: What breaks the waiting.
  package consuming func run(
    until signals: borrowing SignalQueue, limit: Deadline = .never
  ) throws(SystemError) -> CommandOutcome {
    var scratch = [UInt8](repeating: 0, count: 64 << 10)
    let reactor = Reactor.forFew()
    let signalWatch = try Watch(signals.number, for: .readable, in: reactor)
    let commandWatch = try Watch(command.number, in: reactor)
    let connectionWatch = try connection.map { (connection) throws(SystemError) in
      try Watch(connection.number, in: reactor)
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
        connection.proceed(connectionWatch?.take() ?? [], &scratch, at: .now)
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

/// What became of a command, as far as who started it has to answer for it.
package enum CommandOutcome: Equatable, Sendable {
  /// It ended.
  case ended(ProcessEnding)
  /// It was made to end, because its time was over.
  case late
  /// It was made to end, because a signal asked for it.
  case interrupted(by: CInt)
}
