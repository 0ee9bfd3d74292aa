// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import SystemPackage

/// Serves each connection in a thread of its own, which ends with it.
final class ThreadModel<Served: StreamService>: ConnectionModel {
  private final class Tally: Sendable {
    let count = Mutex(0)
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
  private let end: EventCounter

  /// - Throws: `EMFILE` and its like.
  init(_ host: ConnectionHost<Served>) throws(SystemError) {
    self.host = host
    tally = try Tally()
    end = try EventCounter()
  }

  var count: Int { tally.count.withLock { $0 } }
  var bell: FileDescriptor? { tally.bell.number }

  /// Starts a thread for the client.
  func serve(_ arrival: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    let (host, tally, end) = (host, tally, end)
    // A closure cannot consume what it captures; what it holds is taken out once.
    let handover = Handover(arrival.take())
    tally.count.withLock { $0 += 1 }
    do {
      try Thread.start {
        if let socket = handover.take() { host.serve(socket, until: end.number) }
        tally.count.withLock { $0 -= 1 }
        tally.bell.ring()
      }
    } catch {
      tally.count.withLock { $0 -= 1 }
      arrival = handover.take()
      throw error
    }
  }

  func stop() { end.ring() }

  func collect() { tally.bell.still() }

  /// The threads end with the process.
  func endAll() {}
}
