// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage

/// Serves each connection by a child process that has a whole session with it, command and relay and all: where bytes
/// are looked at, one event loop for all would be as slow as the slowest.
///
/// A child heeds signals as the program does without `-k`, and passes them on to its command.
final class SessionModel: ConnectionModel {
  private let session: (consuming StreamSocket) -> CInt
  private var children: Set<Int32> = []

  /// - Parameter session: Serves one connection to its end, and says with which status the child ends.
  init(_ session: @escaping (consuming StreamSocket) -> CInt) { self.session = session }

  /// None: SIGCHLD reports that a child has ended.
  var bell: FileDescriptor? { nil }

  /// Forks a child for the client.
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    switch try ChildProcess.fork() {
    case .parent(let child):
      children.insert(child)
      client = nil
    case .child:
      // What a terminal sends to all of its foreground is for the parent to pass on.
      setpgid(0, 0)
      leaving()
      guard let socket = client.take() else { _exit(0) }
      _exit(session(socket))
    }
  }

  /// Leaves them the grace: they learn of nothing.
  func stop() {}

  /// Reaps the children that have ended.
  func collect() -> Int {
    let count = children.count
    while let (child, _) = ChildProcess.reapAny() { children.remove(child) }
    return count - children.count
  }

  /// Hangs up; then, by a second signal, has the children kill their commands.
  func requestEnd(attempt: Int) -> Bool {
    let signals = [SIGHUP, SIGTERM]
    guard attempt < signals.count else { return false }
    for child in children { kill(child, signals[attempt]) }
    return true
  }

  /// Kills the children that are left.
  func endAll() {
    for child in children { ChildProcess.kill(child) }
    children = []
  }
}
