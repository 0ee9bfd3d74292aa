// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// What the server models have in common: beginning to serve a client, and telling what became of it.
struct ConnectionHost<Served: StreamService>: Sendable {
  let service: Served
  let settings: ServerSettings
  let admission: Admission

  /// Begins to serve a client.
  func connection(with socket: consuming StreamSocket) -> ServedConnection<Served.Talk> {
    let talk = service.begin(with: socket.remote)
    return ServedConnection(socket, talk: talk)
  }

  /// Tells what became of a connection.
  func reportEnd(of connection: ServedConnection<Served.Talk>, because error: SystemError?) {
    admission.report(
      .closed(
        from: connection.remote, sent: connection.sent, received: connection.received,
        duration: connection.began.duration(until: .now), error: error))
  }

  /// Serves one client to its end, waiting for nobody else.
  ///
  /// - Parameter stop: Ready for reading once the server is to stop.
  func serve(_ socket: consuming StreamSocket, until stop: FileDescriptor) {
    let connection = connection(with: socket)
    var scratch = [UInt8](repeating: 0, count: 64 << 10)
    var step = ServedConnection<Served.Talk>.Step.await(.readable)
    while true {
      let interest: Readiness
      switch step {
      case .await(let next): interest = next
      case .perform(let work):
        // Nobody else is kept waiting.
        work.perform()
        step = connection.proceed(&scratch, at: .now)
        continue
      case .over(let error): return reportEnd(of: connection, because: error)
      }
      var readiness = PollSet()
      readiness.add(connection.number, for: interest)
      if !connection.isLast { readiness.add(stop, for: .readable) }
      do {
        guard try readiness.wait(until: connection.deadline(idle: settings.idle)) else {
          step = connection.deadlinePassed(&scratch, at: .now)
          continue
        }
        if !connection.isLast { connection.isLast = readiness.readiness(of: stop).allowsRead }
        step = connection.proceed(&scratch, at: .now)
      } catch {
        step = .over(error)
      }
    }
  }
}
