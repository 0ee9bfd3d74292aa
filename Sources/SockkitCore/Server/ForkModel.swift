// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage

/// Serves each connection in a child process, so that one that crashes costs one client.
///
/// The parent closes the connected socket and the child the listening one, or neither side's end would ever show.
final class ForkModel<Served: StreamService>: ConnectionModel {
  private let host: ConnectionHost<Served>
  private var children: Set<Int32> = []
  private let end: EventCounter

  /// - Throws: `EMFILE` and its like.
  init(_ host: ConnectionHost<Served>) throws(SystemError) {
    self.host = host
    end = try EventCounter()
  }

  /// How many are being served.
  var count: Int { children.count }
  /// None: a signal tells.
  var bell: FileDescriptor? { nil }

  /// Forks a child for the client.
  ///
  /// The signals that stop the server stay blocked in it: whoever sends them to all of a terminal's or a service's
  /// processes means that the clients may finish.
  func serve(_ arrival: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    switch try ChildProcess.fork() {
    case .parent(let child):
      children.insert(child)
      arrival = nil
    case .child:
      leaving()
      if let socket = arrival.take() { host.serve(socket, until: end.number) }
      _exit(0)
    }
  }

  /// Lets the children know by their counter that they are to come to an end.
  func stop() { end.ring() }

  /// Reaps the children that have ended.
  func collect() {
    while let (child, ending) = ChildProcess.reapAny() {
      children.remove(child)
      if let ending { host.admission.report(.childDied(status: ending)) }
    }
  }

  /// Kills the children that are left, and reaps them.
  func endAll() {
    for child in children { ChildProcess.kill(child) }
    children = []
  }
}
