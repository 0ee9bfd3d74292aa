// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
package import SystemPackage

/// A running command: requests its end, ends it, and reaps it.
///
/// It has its own process group. Processes of the group that outlive the command were left behind on purpose, and are
/// not ended.
package final class RunningCommand {
  private let process: SpawnedCommand
  private let grace: Duration
  private var killing = Deadline.never
  /// How it ended; `nil` while it runs.
  package private(set) var ending: ProcessEnding?
  /// Whether it was told to end while it was running.
  package private(set) var isStopped = false

  /// Whether it has ended by itself, with any status: only then is its output complete.
  package var endedInOrder: Bool { if case .exited? = ending { !isStopped } else { false } }

  /// Starts a command for a connection.
  ///
  /// - Parameters:
  ///   - settings: The command, and what starts it.
  ///   - environment: The variables that describe its connection.
  ///   - stream: The stream that it reads and writes.
  ///   - isHeard: Whether its output goes to the stream; otherwise it is discarded.
  package init(
    _ settings: CommandSettings, _ environment: CommandEnvironment, on stream: FileDescriptor, isHeard: Bool
  ) throws(IOFailure) {
    grace = settings.grace
    if let spawner = settings.spawner {
      process = try spawner.start(environment, on: stream, isHeard: isHeard)
    } else {
      process = .child(
        try SpawnedProcess(
          settings.command.words,
          environment: settings.naming.entries(environment.entries, replacing: ProcessEnvironment.entries),
          input: stream, output: isHeard ? stream : nil))
    }
  }

  /// The descriptor to wait on: readable once it has ended.
  package var descriptor: FileDescriptor { process.descriptor }

  /// When to call `noteTime` at the latest.
  package var deadline: Deadline { ending == nil ? killing : .never }

  /// Notifies the command that its connection is gone, with SIGHUP, like a terminal that hangs up.
  package func hangUp() { ask(SIGHUP) }

  /// Requests the end of the command with a signal, and kills it if it does not end; only the first call sends the
  /// signal.
  ///
  /// - Parameter patience: The time that it has to end; by default the grace period.
  package func ask(_ signal: CInt, within patience: Duration? = nil) {
    guard ending == nil else { return }
    isStopped = true
    if killing == .never {
      process.signalGroup(signal)
      // A stopped command would not handle the signal.
      process.signalGroup(SIGCONT)
    }
    killing = min(killing, .after(patience ?? grace))
  }

  /// Kills the command with all of its group.
  package func kill() {
    guard ending == nil else { return }
    isStopped = true
    process.signalGroup(SIGKILL)
    killing = .never
  }

  /// Kills the command and reaps it, which takes negligible time.
  func abort() {
    kill()
    let end = Deadline.after(Self.killTime)
    while ending == nil, !end.hasPassed {
      collect()
      if ending == nil { Deadline.after(.milliseconds(1)).sleep() }
    }
  }

  /// The longest wait for a killed process.
  private static let killTime = Duration.seconds(1)

  /// Notes the current time.
  package func noteTime(_ now: Deadline) {
    if deadline <= now { kill() }
  }

  /// Reaps the command if it has ended.
  package func collect() {
    if ending == nil { ending = process.reap() }
  }
}
