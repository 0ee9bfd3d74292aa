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

  /// How many are being served.
  var count: Int { children.count }
  /// None: a signal tells.
  var bell: FileDescriptor? { nil }

  /// Forks a child for the client.
  ///
  /// The signals that stop the server stay blocked in it: whoever sends them to all of a terminal's or a service's
  /// processes means that the clients may finish.
  func serve(_ arrival: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    let peer = arrival?.remote ?? .unnamed
    switch try ChildProcess.fork() {
    case .parent(let child):
      children[child] = peer
      arrival = nil
    case .child:
      leaving()
      if let socket = arrival.take() { host.serve(socket, until: bells) }
      _exit(0)
    }
  }

  /// Has the children end once they owe nothing.
  func stop() { bells.finish.ring() }

  /// Reaps the children that have ended.
  func collect() {
    while let (child, ending) = ChildProcess.reapAny() {
      children[child] = nil
      if let ending { host.admission.report(.childDied(status: ending)) }
    }
  }

  /// Has the children reset their connections, and kills those that do not in time, which resets them too.
  func endAll() {
    bells.end.ring()
    let end = Deadline.after(StopBells.patience)
    collect()
    while !children.isEmpty, !end.hasPassed {
      Deadline.after(Self.reapPause).sleep()
      collect()
    }
    for (child, peer) in children {
      host.admission.report(
        .reset(peer, unsent: nil, reason: ConnectionEnding.Reason.serverEnded.rawValue))
      ChildProcess.kill(child)
    }
    children = [:]
  }

  /// The time from one look for children that have ended to the next.
  private static var reapPause: Duration { .milliseconds(5) }
}
