// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage

/// Serves each connection in a child process, so that a crash affects one client only.
///
/// The parent closes the connected socket and the child the listening ones; otherwise neither would ever be closed
/// completely.
final class ForkModel: ConnectionDispatcher {
  /// How children are told to end.
  enum Control {
    /// They wait on event counters. The signals that stop the server stay blocked in them: a signal that is sent to all
    /// processes of a terminal or a service means that the clients may finish.
    case wakeups(StopWakeups)
    /// They handle signals, as the program does with a single connection. Signals that a terminal sends to its
    /// foreground process group reach the parent only.
    case signals
  }

  private let control: Control
  private let report: (ServerEvent) -> Void
  private let work: (consuming StreamSocket) -> CInt
  /// The children, with the peer that each serves.
  private var children: [Int32: Address] = [:]

  /// - Parameters:
  ///   - report: Called for a child that crashes or must be killed.
  ///   - work: Serves one connection to its end in the child, and returns the child's exit status.
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
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(IOFailure) {
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

  /// Makes children that wait on event counters end once no answer is due; the others have the grace period.
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

  /// Makes the children reset their connections. With `.signals`: makes them hang up and, on the second request, kill
  /// their commands.
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

  /// Kills the remaining children, which resets their connections.
  func endAll() {
    for (child, peer) in children {
      report(.reset(peer, unsent: nil, reason: ConnectionEnding.Reason.serverEnded.rawValue))
      ChildProcess.kill(child)
    }
    children = [:]
  }
}
