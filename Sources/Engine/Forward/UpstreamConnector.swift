// SPDX-License-Identifier: GPL-3.0-or-later

import Sockets
import SystemPackage
import Transport

/// Opens the connection of one client to the target, step by step: it does not wait.
final class UpstreamConnector {
  /// The state of the attempt.
  enum Step: ~Copyable {
    /// The connection is established; `secure` follows.
    case connected(StreamSocket)
    /// The handshake over it is complete.
    case secured(any ByteStream)
    /// The attempt continues later.
    case pending
    /// The system lacks a resource for the moment; the attempt continues later.
    case short(IOFailure)
    /// The attempt has failed.
    case failed(UpstreamFailure)
  }

  /// Starts to watch a descriptor that becomes writable once an attempt has an outcome.
  typealias Watch = (FileDescriptor) throws(IOFailure) -> Void

  private let connector: Connector
  private let name: String
  private let isProxy: Bool
  /// When the attempt has failed at the latest.
  let end: Deadline
  private var addresses: [Address] = []
  private var race: ConnectionRace?
  private var retry = Deadline.never
  /// The stream over the connection, while its handshake lasts.
  private var stream: (any ByteStream)?

  /// The pause before a transient failure is retried.
  private static let pause = Duration.milliseconds(50)

  /// - Parameters:
  ///   - isProxy: Whether the target is a proxy, for messages.
  ///   - end: When the attempt has failed at the latest; `nil` for the limit of the settings, from now on.
  init(to target: Upstream, isProxy: Bool, _ settings: ForwardSettings, until end: Deadline?) {
    name = target.name
    self.isProxy = isProxy
    connector = settings.connector
    self.end = end ?? settings.connectLimit.map(Deadline.after) ?? .never
  }

  /// When to continue at the latest.
  var nextLook: Deadline { stream == nil ? min(end, race?.wake ?? retry) : end }

  /// What to wait for on the connection while the handshake over it lasts; `nil` at other times.
  var handshakeInterest: Readiness? { stream?.interest(reading: false, writing: false) }

  /// Starts to connect to the first of several addresses.
  func begin(to addresses: [Address], watch: Watch) -> Step {
    do throws(ConnectionError) {
      self.addresses = try connector.candidates(among: addresses)
    } catch {
      return .failed(UpstreamFailure(error))
    }
    race = newRace
    return proceed(nil, watch: watch)
  }

  /// Continues, with the outcome of an attempt if one is ready.
  func proceed(_ ready: FileDescriptor?, watch: Watch) -> Step {
    if let stream { return proceedHandshake(of: stream) }
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
      guard case .failed(let cause) = error else { return .failed(UpstreamFailure(error, ofProxy: isProxy)) }
      let isShort = cause.code.meansShortage
      // The error of a Unix socket whose backlog is full.
      guard isShort || cause.code == .wouldBlock else {
        return .failed(UpstreamFailure(error, ofProxy: isProxy))
      }
      race = nil
      retry = .after(Self.pause)
      return isShort ? .short(cause) : .pending
    }
  }

  /// Begins the handshake of the stream over the connection, such as that of TLS.
  func secure(_ stream: any ByteStream) -> Step {
    self.stream = stream
    return proceedHandshake(of: stream)
  }

  private func proceedHandshake(of stream: any ByteStream) -> Step {
    do throws(IOFailure) {
      if try stream.handshake() == .done { return .secured(stream) }
      guard end.hasPassed else { return .pending }
      throw IOFailure(stream.handshakeOperation, .timedOut)
    } catch {
      stream.abortOnClose()
      guard stream.isWorthRepeating, !end.hasPassed else { return .failed(UpstreamFailure(error)) }
      self.stream = nil
      race = nil
      retry = .now
      return .pending
    }
  }

  private var newRace: ConnectionRace {
    ConnectionRace(among: addresses, by: connector, until: end, mayBlock: false)
  }

  private var lateness: UpstreamFailure {
    if let address = addresses.first {
      return UpstreamFailure(ConnectionError.timedOut(address), ofProxy: isProxy)
    }
    return UpstreamFailure(ResolutionError(name: name, reason: .timedOut))
  }
}
