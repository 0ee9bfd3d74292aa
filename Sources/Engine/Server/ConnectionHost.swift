// SPDX-License-Identifier: GPL-3.0-or-later

import Reactor
import Services
import Sockets
import SystemPackage
import Transport

/// The common part of the server models: starting to serve a client, and reporting how its connection ended.
struct ConnectionHost: Sendable {
  let service: any StreamService
  let settings: ServerSettings
  let policy: AccessPolicy

  /// Creates the connection and the session of a client.
  func connection(over stream: any ByteStream) -> ServiceConnection {
    ServiceConnection(stream, session: service.makeSession(for: stream.remote))
  }

  /// Reports how a connection ended; the connection must be released afterwards, which closes or resets it.
  func reportEnd(of connection: ServiceConnection, _ ending: ConnectionEnding) {
    let (sent, unsent) = connection.account(for: ending)
    var error: IOFailure?
    switch ending {
    case .orderly: break
    case .failed(let failure): error = failure
    case .cutOff(let reason):
      policy.report(.reset(connection.remote, unsent: unsent, reason: reason.rawValue))
    }
    policy.report(
      .closed(
        from: connection.remote, sent: sent, received: connection.received,
        duration: connection.began.duration(until: .now), error: error, end: connection.end))
  }

  /// Serves one client to its end in this thread, which serves no other.
  func serve(_ socket: consuming StreamSocket, until wakeups: StopWakeups) {
    let stream = settings.makeStream(socket, 0)
    do throws(IOFailure) {
      // A client that is not served yet has nothing to finish.
      guard try stream.completeHandshake(or: wakeups.finish.descriptor) else { return stream.abortOnClose() }
    } catch {
      stream.abortOnClose()
      return policy.report(.handshakeFailed(error, for: stream.remote))
    }
    let connection = connection(over: stream)
    do { try serve(connection, until: wakeups) } catch { reportEnd(of: connection, .failed(error)) }
  }

  private func serve(
    _ connection: ServiceConnection, until wakeups: StopWakeups
  ) throws(IOFailure) {
    let reactor = Reactor.forFew()
    let socketWatch = try Watch(connection.descriptor, in: reactor)
    let endWatch = try Watch(wakeups.end.descriptor, for: .readable, in: reactor)
    let finishWatch = try Watch(wakeups.finish.descriptor, for: .readable, in: reactor)
    let resources = CopyResources(pipes: 0)
    var step = connection.begin(with: resources)
    while true {
      switch step {
      case .await(let interest): try socketWatch.watch(for: interest)
      case .perform(let work):
        // This delays no other client.
        work.perform()
        step = connection.proceed(with: resources, at: .now)
        continue
      case .over(let ending): return reportEnd(of: connection, ending)
      }
      guard try reactor.turn(until: connection.deadline(idle: settings.idle)) else {
        step = connection.deadlinePassed(with: resources, at: .now, idle: settings.idle)
        continue
      }
      guard endWatch.take().isEmpty else {
        step = .over(.cutOff(because: .serverEnded))
        continue
      }
      if !finishWatch.take().isEmpty {
        connection.isLast = true
        try finishWatch.watch(for: nil)
      }
      step = connection.proceed(with: resources, at: .now)
    }
  }
}

/// The signals of a server's main thread to the threads or child processes that each serve one connection.
final class StopWakeups: Sendable {
  /// Signalled when connections on which no answer is due must end.
  let finish: EventCounter
  /// Signalled when all connections must end.
  let end: EventCounter

  /// The time that threads or child processes have to end after a request.
  static let patience = Duration.seconds(1)

  /// - Throws: `EMFILE` and similar errors.
  init() throws(IOFailure) {
    finish = try EventCounter()
    end = try EventCounter()
  }
}
