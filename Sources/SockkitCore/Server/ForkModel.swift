// SPDX-License-Identifier: GPL-3.0-or-later

import Glibc
import Sockets
import SystemPackage

/// Serves each connection in a child process, so that one that crashes costs one client.
///
/// The parent closes the connected socket and the child the listening one, or neither side's end would ever show.
final class ForkModel<Served: StreamService>: ConnectionModel {
  private let host: ConnectionHost<Served>
  /// The children and whom they serve.
  private var children: [Int32: Address] = [:]
  private let bells: StopBells

  /// - Throws: `EMFILE` and its like.
  init(_ host: ConnectionHost<Served>) throws(SystemError) {
    self.host = host
    bells = try StopBells()
  }

  /// None: SIGCHLD reports that a child has ended.
  var bell: FileDescriptor? { nil }

  /// Forks a child for the client.
  ///
  /// The signals that stop the server stay blocked in it: whoever sends them to all of a terminal's or a service's
  /// processes means that the clients may finish.
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    let peer = client?.remote ?? .unnamed
    switch try ChildProcess.fork() {
    case .parent(let child):
      children[child] = peer
      client = nil
    case .child:
      leaving()
      if let socket = client.take() { host.serve(socket, until: bells) }
      _exit(0)
    }
  }

  /// Has the children end once they owe nothing.
  func stop() { bells.finish.ring() }

  /// Reaps the children that have ended.
  func collect() -> Int {
    let count = children.count
    while let (child, ending) = ChildProcess.reapAny() {
      children[child] = nil
      if let ending { host.admission.report(.childDied(status: ending)) }
    }
    return count - children.count
  }

  /// Has the children reset their connections.
  func requestEnd(attempt: Int) -> Bool {
    bells.end.ring()
    return attempt == 0
  }

  /// Kills the children that are left, which resets their connections.
  func endAll() {
    for (child, peer) in children {
      host.admission.report(
        .reset(peer, unsent: nil, reason: ConnectionEnding.Reason.serverEnded.rawValue))
      ChildProcess.kill(child)
    }
    children = [:]
  }
}
