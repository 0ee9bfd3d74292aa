// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
package import Sockets
package import SystemPackage

/// A command that was started: how it is asked to end, made to end, and collected.
///
/// It is a process group of its own. Whoever of the group goes on when the command itself has ended was left behind by it
/// on purpose, and is let alone.
package final class RunningCommand {
  private let process: SpawnedProcess
  private let grace: Duration
  private var killing = Deadline.never
  /// How it ended; `nil` while it runs.
  package private(set) var ending: ProcessEnding?
  /// Whether it was told to end while it ran.
  package private(set) var isStopped = false

  /// Whether it has ended by itself, with any status: only then is what it wrote complete.
  package var endedInOrder: Bool { if case .exited? = ending { !isStopped } else { false } }

  /// Starts a command for a connection.
  ///
  /// - Parameters:
  ///   - invocation: What to run.
  ///   - environment: What it is to know of its connection.
  ///   - stream: What it reads and writes.
  ///   - isHeard: Whether what it writes goes there, or nowhere.
  ///   - grace: How long it may take to end when it is asked to.
  package init(
    _ invocation: Invocation, _ environment: CommandEnvironment, on stream: FileDescriptor,
    isHeard: Bool, grace: Duration
  ) throws(SystemError) {
    process = try SpawnedProcess(
      invocation.words, environment: environment.entries(replacing: ProcessEnvironment.entries),
      input: stream, output: isHeard ? stream : nil)
    self.grace = grace
  }

  /// What to wait on: readable once it has ended.
  package var number: FileDescriptor { process.number }

  /// When to call `noteTime` at the latest.
  package var deadline: Deadline { ending == nil ? killing : .never }

  /// Tells the command that its connection is gone: SIGHUP, as of a terminal that hangs up.
  package func hangUp() { ask(SIGHUP) }

  /// Asks the command to end by a signal, and kills it if it does not; only the first time sends the signal.
  ///
  /// - Parameter patience: How long it may take; usually the grace.
  package func ask(_ signal: CInt, within patience: Duration? = nil) {
    guard ending == nil else { return }
    isStopped = true
    if killing == .never {
      process.signalGroup(signal)
      // One that is stopped would not hear of it.
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

  /// Kills the command and collects it, which takes no time to speak of.
  func abort() {
    kill()
    let end = Deadline.after(Self.killTime)
    while ending == nil, !end.hasPassed {
      collect()
      if ending == nil { Deadline.after(.milliseconds(1)).sleep() }
    }
  }

  /// How long a process that is killed is waited for at most.
  private static let killTime = Duration.seconds(1)

  /// Takes note of how late it is.
  package func noteTime(_ now: Deadline) {
    if deadline <= now { kill() }
  }

  /// Collects it if it has ended.
  package func collect() {
    if ending == nil { ending = process.reap() }
  }
}
