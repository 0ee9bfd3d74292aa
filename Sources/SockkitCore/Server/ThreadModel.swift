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
  private let bells: StopBells

  /// - Throws: `EMFILE` and its like.
  init(_ host: ConnectionHost<Served>) throws(SystemError) {
    self.host = host
    tally = try Tally()
    bells = try StopBells()
  }

  var count: Int { tally.count.withLock { $0 } }
  var bell: FileDescriptor? { tally.bell.number }

  /// Starts a thread for the client.
  func serve(_ arrival: inout StreamSocket?, leaving: () -> Void) throws(SystemError) {
    let (host, tally, bells) = (host, tally, bells)
    // A closure cannot consume what it captures; what it holds is taken out once.
    let handover = Handover(arrival.take())
    tally.count.withLock { $0 += 1 }
    do {
      try Thread.start {
        if let socket = handover.take() { host.serve(socket, until: bells) }
        tally.count.withLock { $0 -= 1 }
        tally.bell.ring()
      }
    } catch {
      tally.count.withLock { $0 -= 1 }
      arrival = handover.take()
      throw error
    }
  }

  func stop() { bells.finish.ring() }

  func collect() { tally.bell.still() }

  /// Has the threads reset their connections; one that does not in time ends with the process, which resets them too.
  func endAll() {
    bells.end.ring()
    let end = Deadline.after(StopBells.patience)
    while count > 0, !end.hasPassed {
      var readiness = PollSet()
      readiness.add(tally.bell.number, for: .readable)
      guard (try? readiness.wait(until: end)) == true else { return }
      tally.bell.still()
    }
  }
}
