// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import SystemPackage

/// Serves each connection in a thread of its own, which ends with it.
final class ThreadModel<Served: StreamService>: ConnectionModel {
  private final class Tally: Sendable {
    let ended = Atomic(0)
    let bell: EventCounter
    init() throws(SystemError) { bell = try EventCounter() }
  }

  private final class Handover: Sendable {
    private let socket: Mutex<StreamSocket?>
    init(_ socket: consuming StreamSocket?) { self.socket = Mutex(socket) }
    func take() -> StreamSocket? { socket.withLock { $0.take() } }
  }

  private let host: ConnectionHost<Served>
  private let tally: Tally
  private let bells: StopBells

  /// - Throws: `EMFILE` and its like.
  init(_ host: ConnectionHost<Served>) throws(SystemError) {
    self.host = host
    tally = try Tally()
    bells = try StopBells()
  }

  var bell: FileDescriptor? { tally.bell.number }

  /// Starts a thread for the client.
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    let (host, tally, bells) = (host, tally, bells)
    // A closure cannot consume what it captures; what it holds is taken out once.
    let handover = Handover(client.take())
    do {
      try Thread.start {
        if let socket = handover.take() { host.serve(socket, until: bells) }
        tally.ended.add(1, ordering: .releasing)
        tally.bell.ring()
      }
    } catch {
      client = handover.take()
      throw error
    }
  }

  func stop() { bells.finish.ring() }

  func collect() -> Int {
    tally.bell.still()
    return tally.ended.exchange(0, ordering: .acquiring)
  }

  /// Has the threads reset their connections.
  func requestEnd(attempt: Int) -> Bool {
    bells.end.ring()
    return attempt == 0
  }

  /// Nothing: a thread that is left ends with the process, which resets its connection.
  func endAll() {}
}
