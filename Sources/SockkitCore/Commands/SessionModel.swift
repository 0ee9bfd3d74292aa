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

  /// How long children may take to end once they have been told to: their commands as long, and then they are killed.
  private static let patience = Duration.seconds(1)

  /// - Parameter session: Serves one connection to its end, and says with which status the child ends.
  init(_ session: @escaping (consuming StreamSocket) -> CInt) { self.session = session }

  /// How many are being served.
  var count: Int { children.count }
  /// None: a signal tells.
  var bell: FileDescriptor? { nil }

  /// Forks a child for the client.
  func serve(_ arrival: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    switch try ChildProcess.fork() {
    case .parent(let child):
      children.insert(child)
      arrival = nil
    case .child:
      // What a terminal sends to all of its foreground is for the parent to pass on.
      setpgid(0, 0)
      leaving()
      guard let socket = arrival.take() else { _exit(0) }
      _exit(session(socket))
    }
  }

  /// Leaves them the grace: they learn of nothing.
  func stop() {}

  /// Reaps the children that have ended.
  func collect() {
    while let (child, _) = ChildProcess.reapAny() { children.remove(child) }
  }

  /// Hangs up; then, by a second signal, has them kill their commands.
  func endAll() {
    for signal in [SIGHUP, SIGTERM] {
      for child in children { kill(child, signal) }
      let end = Deadline.after(Self.patience)
      while !children.isEmpty, !end.hasPassed {
        Deadline.after(.milliseconds(5)).sleep()
        collect()
      }
    }
    for child in children { ChildProcess.kill(child) }
    children = []
  }
}
