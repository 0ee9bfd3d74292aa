// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage

/// One client's way to the target, step by step: it waits for nothing.
final class UpstreamConnector {
  /// How far it has come.
  enum Step: ~Copyable {
    /// There is a connection.
    case connected(StreamSocket)
    /// It has to go on later.
    case pending
    /// The system lacks something, which passes; it goes on later.
    case short(SystemError)
    /// There will be no connection.
    case failed(Failure)
  }

  /// Begins to watch a descriptor that becomes writable once an attempt has an outcome.
  typealias Watch = (FileDescriptor) throws(SystemError) -> Void

  private let connector: Connector
  private let name: String
  private let end: Deadline
  private var addresses: [Address] = []
  private var race: ConnectionRace?
  private var retry = Deadline.never

  /// How long it is before what passes by itself is tried again.
  private static let pause = Duration.milliseconds(50)

  /// - Parameter limit: How long all of it may take; `nil` for as long as the system tries.
  init(to target: Upstream, by connector: Connector, within limit: Duration?) {
    name = target.name
    self.connector = connector
    end = limit.map(Deadline.after) ?? .never
  }

  /// When to go on at the latest.
  var nextLook: Deadline { min(end, race?.wake ?? retry) }

  /// Begins to connect, to the first of several addresses.
  func begin(to addresses: [Address], watch: Watch) -> Step {
    do throws(ConnectionError) {
      self.addresses = try connector.candidates(among: addresses)
    } catch {
      return .failed(Failure(error))
    }
    race = newRace
    return proceed(nil, watch: watch)
  }

  /// Goes on, with the outcome of an attempt if one is ready.
  func proceed(_ ready: FileDescriptor?, watch: Watch) -> Step {
    if end.hasPassed { return .failed(lateness) }
    if retry.hasPassed {
      retry = .never
      race = newRace
    }
    do throws(ConnectionError) {
      if let ready, let socket = try race?.advance(ready) { return .connected(socket) }
      if let socket = try race?.proceed(watch: watch) { return .connected(socket) }
      return .pending
    } catch {
      guard case .failed(let cause) = error else { return .failed(Failure(error)) }
      let isShort = cause.code.meansShortage
      // How a Unix socket says that its backlog is full.
      guard isShort || cause.code == .wouldBlock else { return .failed(Failure(error)) }
      race = nil
      retry = .after(Self.pause)
      return isShort ? .short(cause) : .pending
    }
  }

  private var newRace: ConnectionRace {
    ConnectionRace(among: addresses, by: connector, until: end, mayBlock: false)
  }

  private var lateness: Failure {
    if let address = addresses.first { return Failure(ConnectionError.timedOut(address)) }
    return Failure(ResolutionError(name: name, reason: .timedOut))
  }
}
