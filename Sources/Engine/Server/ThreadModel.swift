// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import Synchronization
import SystemPackage

/// Serves each connection in its own thread, which ends with it.
final class ThreadModel: ConnectionDispatcher {
  private final class Tally: Sendable {
    let ended = Atomic(0)
    let wakeup: EventCounter
    init() throws(IOFailure) { wakeup = try EventCounter() }
  }

  private final class Handover: Sendable {
    private let socket: Guarded<StreamSocket?>
    init(_ socket: consuming StreamSocket?) { self.socket = Guarded(socket) }
    func take() -> StreamSocket? { socket.withLock { $0.take() } }
  }

  private let host: ConnectionHost
  private let tally: Tally
  private let wakeups: StopWakeups

  /// - Throws: `EMFILE` and similar errors.
  init(_ host: ConnectionHost) throws(IOFailure) {
    self.host = host
    tally = try Tally()
    wakeups = try StopWakeups()
  }

  var wakeup: FileDescriptor? { tally.wakeup.descriptor }

  /// Starts a thread for the client.
  func serve(_ client: inout StreamSocket?, leaving: () -> Void) throws(IOFailure) {
    let (host, tally, wakeups) = (host, tally, wakeups)
    // A closure cannot consume a captured value, so the socket is taken out of a container once.
    let handover = Handover(client.take())
    do {
      try Thread.start {
        if let socket = handover.take() { host.serve(socket, until: wakeups) }
        tally.ended.add(1, ordering: .releasing)
        tally.wakeup.signal()
      }
    } catch {
      client = handover.take()
      throw error
    }
  }

  func stop() { wakeups.finish.signal() }

  func collect() -> Int {
    tally.wakeup.reset()
    return tally.ended.exchange(0, ordering: .acquiring)
  }

  /// Makes the threads reset their connections.
  func requestEnd(attempt: Int) -> Bool {
    wakeups.end.signal()
    return attempt == 0
  }

  /// Does nothing: a remaining thread ends with the process, which resets its connection.
  func endAll() {}
}
