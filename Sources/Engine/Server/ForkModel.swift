// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage

/// Serves each connection in a child process, so that one that crashes costs one client.
///
/// The parent closes the connected socket and the child the listening ones, or neither side's end would ever show.
final class ForkModel: ConnectionDispatcher {
  /// How children learn that they are to end.
  enum Control {
    /// They wait on event counters. The signals that stop the server stay blocked in them: one that is sent to all processes
    /// of a terminal or a service means that the clients may finish.
    case wakeups(StopWakeups)
    /// They heed signals, as the program does that has one connection. Those that a terminal sends to its foreground reach
    /// the parent alone.
    case signals
  }

  private let control: Control
  private let report: (ServerEvent) -> Void
  private let work: (consuming StreamSocket) -> CInt
  /// The children, and the peer that each serves.
  private var children: [Int32: Address] = [:]

  /// - Parameters:
  ///   - report: Called for a child that dies or has to be killed.
  ///   - work: Serves one connection to its end in the child, and returns the status with which that exits.
  init(
    _ control: Control, report: @escaping (ServerEvent) -> Void = { _ in },
    _ work: @escaping (consuming StreamSocket) -> CInt
  ) {
    self.control = control
    self.report = report
    self.work = work
  }

  /// None: SIGCHLD reports that a child has ended.
  var wakeup: FileDescriptor? { nil }

  /// Forks a child for the client.
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    let peer = client?.remote ?? .unnamed
    switch try ChildProcess.fork() {
    case .parent(let child):
      children[child] = peer
      client = nil
    case .child:
      if case .signals = control { setpgid(0, 0) }
      leaving()
      guard let socket = client.take() else { _exit(0) }
      _exit(work(socket))
    }
  }

  /// Has children that wait on event counters end once they owe nothing; the others have the grace.
  func stop() {
    if case .wakeups(let wakeups) = control { wakeups.finish.signal() }
  }

  /// Reaps the children that have ended.
  func collect() -> Int {
    let count = children.count
    while let (child, ending) = ChildProcess.reapAny() {
      children[child] = nil
      if let ending { report(.childDied(status: ending)) }
    }
    return count - children.count
  }

  /// Has the children reset their connections; or hang up, and by a second signal kill their commands.
  func requestEnd(attempt: Int) -> Bool {
    switch control {
    case .wakeups(let wakeups):
      wakeups.end.signal()
      return attempt == 0
    case .signals:
      let signals = [SIGHUP, SIGTERM]
      guard attempt < signals.count else { return false }
      for child in children.keys { kill(child, signals[attempt]) }
      return true
    }
  }

  /// Kills the children that are left, which resets their connections.
  func endAll() {
    for (child, peer) in children {
      report(.reset(peer, unsent: nil, reason: ConnectionEnding.Reason.serverEnded.rawValue))
      ChildProcess.kill(child)
    }
    children = [:]
  }
}
